import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** A mounted filesystem that lies on at least one of the disks in question. */
export interface DiskMount {
  readonly mountPoint: string
  readonly type: string
  /** Device numbers of those disks. */
  readonly disks: readonly number[]
}

/** Something else in use on a disk, which no filesystem freeze holds still. */
export interface UnfrozenUse {
  readonly what: string
  readonly why: string
  readonly disks: readonly number[]
}

interface MountLine {
  readonly device: string
  readonly root: string
  readonly mountPoint: string
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/**
 * The writable filesystems on the disks (device numbers `major << 20 | minor`), one mount point for
 * each, in the order to freeze them: what is mounted inside another comes first.
 */
export async function mountsOn(disks: readonly number[]): Promise<DiskMount[]> {
  const lines = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'))
  const found = new Map<string, DiskMount>()
  for (const line of lines) {
    if (!line.superOptions.includes('rw')) continue
    const device = await blockDeviceOf(line)
    if (device === undefined || found.has(device)) continue
    const below = await disksBelow(device, disks)
    if (below.length === 0 || !(await isVisibleFolder(line))) continue
    found.set(device, { mountPoint: line.mountPoint, type: line.type, disks: below })
  }
  // A mount always comes after the one it is mounted in.
  return [...found.values()].toReversed()
}

/** Swap on the disks, and disks that carry no mounted filesystem at all. */
export async function unfrozenUses(
  disks: readonly { readonly deviceName: string; readonly deviceNumber: number }[],
  mounts: readonly DiskMount[],
): Promise<UnfrozenUse[]> {
  const numbers = disks.map((disk) => disk.deviceNumber)
  const uses: UnfrozenUse[] = []
  for (const swap of await swapDevices()) {
    const below = await disksBelow(swap.device, numbers)
    if (below.length === 0) continue
    uses.push({ what: swap.path, why: 'swap, worthless in a copy', disks: below })
  }
  for (const { deviceName, deviceNumber } of disks) {
    if (mounts.some((mount) => mount.disks.includes(deviceNumber))) continue
    const why = 'raw device: it carries no mounted filesystem that could be frozen'
    uses.push({ what: deviceName, why, disks: [deviceNumber] })
  }
  return uses
}

/** proc(5): 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue */
export function parseMounts(text: string): MountLine[] {
  const lines: MountLine[] = []
  for (const line of text.split('\n')) {
    const [mount = '', filesystem = ''] = line.split(' - ')
    const [, , device, root, mountPoint] = mount.split(' ')
    const [type, source, superOptions] = filesystem.split(' ')
    if (device === undefined || root === undefined || mountPoint === undefined) continue
    if (type === undefined || source === undefined) continue
    lines.push({
      device,
      root: unescape(root),
      mountPoint: unescape(mountPoint),
      type,
      source: unescape(source),
      superOptions: (superOptions ?? '').split(','),
    })
  }
  return lines
}

/** Spaces and such come as three octal digits. */
function unescape(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  )
}

/** `major:minor` of the block device under a mount; btrfs shows an invented one, but its source. */
async function blockDeviceOf(line: MountLine): Promise<string | undefined> {
  if (!line.device.startsWith('0:')) return line.device
  if (!line.source.startsWith('/dev/')) return undefined
  return await deviceOfPath(line.source)
}

async function deviceOfPath(devicePath: string): Promise<string | undefined> {
  try {
    const { rdev } = await stat(devicePath)
    // glibc's makedev, as far as Linux uses it.
    const major = Math.floor(rdev / 256) & 0xfff
    const minor = (rdev & 0xff) | (Math.floor(rdev / 2 ** 12) & 0xfff00)
    return rdev === 0 ? undefined : `${major}:${minor}`
  } catch {
    return undefined
  }
}

/** Another filesystem mounted over the mount point would be frozen in its place. */
async function isVisibleFolder(line: MountLine): Promise<boolean> {
  try {
    const folder = await stat(line.mountPoint)
    if (!folder.isDirectory()) return false
    // btrfs gives each subvolume a number of its own.
    if (line.device.startsWith('0:')) return true
    const [major = 0, minor = 0] = line.device.split(':').map(Number)
    return Math.floor(folder.dev / 256) % 4096 === major && folder.dev % 256 === minor % 256
  } catch {
    return false
  }
}

/**
 * Which of the disks lie below a device: through partitions, LVM, RAID, encryption, and every
 * btrfs. A multipath disk is one of them, and not its paths.
 */
async function disksBelow(device: string, disks: readonly number[]): Promise<number[]> {
  const folder = await realpath(`/sys/dev/block/${device}`).catch(() => undefined)
  if (folder === undefined) return []
  const [major = 0, minor = 0] = device.split(':').map(Number)
  const number = major * 2 ** 20 + minor
  if (disks.includes(number)) return [number]
  const isPartition = (await readText(path.join(folder, 'partition'))) !== undefined
  if (isPartition)
    return await disksBelow((await readText(path.join(folder, '../dev'))) ?? '', disks)
  const numbers = new Set<number>()
  for (const name of await readdir(path.join(folder, 'slaves')).catch(() => [])) {
    const lower = await readText(path.join(folder, 'slaves', name, 'dev'))
    for (const found of await disksBelow(lower ?? '', disks)) numbers.add(found)
  }
  return [...numbers]
}

async function swapDevices(): Promise<{ path: string; device: string }[]> {
  const text = (await readText('/proc/swaps')) ?? ''
  const found: { path: string; device: string }[] = []
  for (const line of text.split('\n').slice(1)) {
    const swapPath = unescape(line.split(/\s+/)[0] ?? '')
    const device = swapPath.startsWith('/dev/') ? await deviceOfPath(swapPath) : undefined
    if (device !== undefined) found.push({ path: swapPath, device })
  }
  return found
}

async function readText(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
}
