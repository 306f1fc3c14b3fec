import { createHash, randomUUID } from 'node:crypto'
import {
  chmod,
  cp,
  mkdir,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '@landfall/launch'
import { LandfallError, MIB } from '@landfall/model'
import { installDebian, pathRules } from './debian-root.ts'

/**
 * The source server of the demo and the tests: a Debian 12 server as an operator would have it, on
 * one MBR disk with GRUB, made from the distribution's own packages, to run on `FOREIGN_HARDWARE`;
 * nothing in it knows the target.
 */

export interface GuestImage {
  /** A disk image, of which an overlay is booted, never itself. */
  readonly path: string
  /** Absent: raw, and sparse. */
  readonly format?: 'qcow2'
  /** Private key of the image's root user, made for this cache. */
  readonly sshKeyPath: string
}

export interface GuestImageOptions {
  readonly cacheDir: string
  readonly accelerator: 'kvm' | 'tcg'
  readonly signal: AbortSignal
  readonly onProgress: (message: string) => void
  /** Debian packages besides those every source server has. */
  readonly packages?: readonly string[]
}

/** To be raised when the steps below change so that older images no longer do. */
const RECIPE_REVISION = 1

/** Virtual size: room for a desktop-less Debian and the demo's records; the image stays sparse. */
const DISK_BYTES = 4096 * MIB

/**
 * Where every partitioning tool puts the first partition; GRUB's core lives in the gap before it.
 */
const PARTITION_OFFSET_BYTES = MIB

const PACKAGES = [
  'linux-image-amd64', // not the cloud kernel: that one has neither AHCI nor e1000
  'grub-pc',
  'systemd-sysv',
  'udev',
  'kmod',
  'ifupdown',
  'isc-dhcp-client',
  'iproute2',
  'procps',
  'openssh-server',
  'wget',
  'ca-certificates',
  'e2fsprogs',
  'zstd',
  'perl',
]

/** The interface's name on `FOREIGN_HARDWARE`, where the card is in PCI slot 3. */
const SOURCE_INTERFACE = 'ens3'

/** Path in the guest to its text; what differs from build to build is added in `configure`. */
const SYSTEM_FILES: Readonly<Record<string, string>> = {
  'etc/hostname': 'demo-source\n',
  'etc/hosts': '127.0.0.1 localhost\n127.0.1.1 demo-source\n::1 localhost ip6-localhost\n',
  'etc/network/interfaces':
    'auto lo\niface lo inet loopback\n\n' +
    `allow-hotplug ${SOURCE_INTERFACE}\niface ${SOURCE_INTERFACE} inet dhcp\n`,
  'etc/default/grub':
    'GRUB_DEFAULT=0\nGRUB_TIMEOUT=1\nGRUB_DISTRIBUTOR=Debian\nGRUB_CMDLINE_LINUX_DEFAULT=""\n' +
    'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"\nGRUB_DISABLE_OS_PROBER=true\n',
}

const PROGRAMS = ['landfall-demo-writer', 'landfall-demo-check', 'landfall-demo-network']
const UNITS = ['landfall-demo-check.service', 'landfall-demo-network.service']
const GUEST_FILES = join(import.meta.dirname, 'guest')

/**
 * The image, built unless the cache holds one made by the same recipe. Needs root, mmdebstrap,
 * libguestfs and a Debian mirror. Several callers may build at once: all get the same image.
 */
export async function buildGuestImage(options: GuestImageOptions): Promise<GuestImage> {
  const folder = join(options.cacheDir, `demo-source-${await recipeHash(options)}`)
  const image = { path: join(folder, 'disk.raw'), sshKeyPath: join(folder, 'id_ed25519') }
  if (await exists(image.path)) return image
  if (process.getuid?.() !== 0) {
    throw new LandfallError('validation', 'Building the demo server needs root. Run it with sudo.')
  }
  await mkdir(options.cacheDir, { recursive: true })
  await removeAbandonedBuilds(options.cacheDir)
  const building = `${folder}.building-${process.pid}`
  await mkdir(building)
  try {
    await build(building, options)
    await publish(building, folder)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
  return image
}

async function build(building: string, options: GuestImageOptions): Promise<void> {
  const root = join(building, 'root')
  const disk = join(building, 'disk.raw')
  const sshKey = join(building, 'id_ed25519')
  const filesystemUUID = randomUUID()
  options.onProgress('installing Debian 12 from its packages')
  await installDebian({
    suite: 'bookworm',
    packages: packagesOf(options),
    target: root,
    signal: options.signal,
  })
  await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'demo', '-f', sshKey])
  await configure(root, filesystemUUID, await readFile(`${sshKey}.pub`, 'utf8'))
  options.onProgress('making its disk')
  await makeDisk(disk, root, filesystemUUID, options.signal)
  await rm(root, { recursive: true })
  options.onProgress('installing its boot loader')
  await installBootLoader(disk, building, options)
}

async function configure(root: string, filesystemUUID: string, publicKey: string): Promise<void> {
  const sshFolder = join(root, 'root/.ssh')
  await mkdir(sshFolder, { mode: 0o700, recursive: true })
  await mkdir(join(root, 'var/lib/landfall-demo'))
  const files: Record<string, string> = {
    ...SYSTEM_FILES,
    'etc/fstab': `UUID=${filesystemUUID} / ext4 errors=remount-ro 0 1\n`,
    // Without one systemd takes the boot for the very first and applies its presets.
    'etc/machine-id': `${randomUUID().replaceAll('-', '')}\n`,
    'root/.ssh/authorized_keys': publicKey,
  }
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text)
  for (const program of PROGRAMS) {
    const path = join(root, 'usr/local/sbin', program)
    await cp(join(GUEST_FILES, program), path)
    await chmod(path, 0o755)
  }
  const units = join(root, 'etc/systemd/system')
  await mkdir(join(units, 'multi-user.target.wants'), { recursive: true })
  for (const unit of UNITS) {
    await cp(join(GUEST_FILES, unit), join(units, unit))
    await symlink(`../${unit}`, join(units, 'multi-user.target.wants', unit))
  }
}

/** One bootable ext4 partition, filled without mounting it. */
async function makeDisk(
  disk: string,
  root: string,
  filesystemUUID: string,
  signal: AbortSignal,
): Promise<void> {
  await using handle = await open(disk, 'wx')
  await handle.truncate(DISK_BYTES)
  const start = PARTITION_OFFSET_BYTES / 512
  const input = `label: dos\nstart=${start}, type=83, bootable\n`
  await runProgram('sfdisk', ['--quiet', disk], { input, signal })
  const kibibytes = (DISK_BYTES - PARTITION_OFFSET_BYTES) / 1024
  const extended = `offset=${PARTITION_OFFSET_BYTES},lazy_itable_init=0`
  await runProgram(
    'mke2fs',
    [
      '-q',
      '-F',
      '-t',
      'ext4',
      '-U',
      filesystemUUID,
      '-E',
      extended,
      '-d',
      root,
      disk,
      `${kibibytes}k`,
    ],
    { signal },
  )
}

async function installBootLoader(
  disk: string,
  building: string,
  options: GuestImageOptions,
): Promise<void> {
  const scratch = join(building, 'scratch')
  await mkdir(scratch)
  const script = [
    'run',
    'mount /dev/sda1 /',
    // The disk has the name that its kernel gave it: guestfish knows it, and a shell has to ask.
    'sh "grub-install --target=i386-pc $(grub-probe --target=disk /) && update-grub"',
    'umount-all',
    '',
  ].join('\n')
  await runProgram('guestfish', ['--format=raw', '-a', disk], {
    input: script,
    signal: options.signal,
    environment: {
      LIBGUESTFS_BACKEND: 'direct',
      LIBGUESTFS_BACKEND_SETTINGS: options.accelerator === 'tcg' ? 'force_tcg' : '',
      LIBGUESTFS_CACHEDIR: options.cacheDir,
      TMPDIR: scratch,
    },
  })
  await rm(scratch, { recursive: true })
}

/** Puts the finished folder in place at once; another builder who was faster wins. */
async function publish(building: string, folder: string): Promise<void> {
  try {
    await rename(building, folder)
  } catch (error) {
    if (!(await exists(join(folder, 'disk.raw')))) throw error
  }
}

/** A killed build leaves its folder behind; its name holds the builder's process ID. */
async function removeAbandonedBuilds(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const builder = /^demo-source-.*\.building-(\d+)$/.exec(name)?.[1]
    if (builder === undefined || (await exists(`/proc/${builder}`))) continue
    await rm(join(cacheDir, name), { recursive: true, force: true })
  }
}

/** Changes whenever what goes into the image changes. */
async function recipeHash(options: GuestImageOptions): Promise<string> {
  const packages = packagesOf(options)
  const recipe = [RECIPE_REVISION, DISK_BYTES, packages, pathRules(), SYSTEM_FILES]
  const hash = createHash('sha256').update(JSON.stringify(recipe))
  for (const name of [...PROGRAMS, ...UNITS]) hash.update(await readFile(join(GUEST_FILES, name)))
  return hash.digest('hex').slice(0, 12)
}

function packagesOf({ packages = [] }: GuestImageOptions): readonly string[] {
  return [...PACKAGES, ...packages]
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
