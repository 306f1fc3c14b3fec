import { bytesOf } from '../file-part.ts'
import type { GuestReader } from '../guest-files.ts'
import { readInitramfs, type InitramfsContents } from '../initramfs/read-initramfs.ts'
import { RememberingReader } from '../remembering-reader.ts'
import { readBoot } from './boot.ts'
import { bounded } from './bounded.ts'
import type { DefaultEntry } from './boot-entry.ts'
import { ofInterest } from './drivers-of-interest.ts'
import { readGuestAgents } from './guest-agents.ts'
import type { DefaultKernel, GuestFacts, KernelFacts } from './guest-facts.ts'
import { readGenerators } from './initramfs-generators.ts'
import { kernelOfEntry, readKernels } from './kernels.ts'
import { readLive, underneath } from './live.ts'
import { readNetwork } from './network-files.ts'
import { shellSettings } from './settings.ts'
import { readCrypttab, readFstab, readStorage } from './storage-files.ts'

export interface GuestFactsOptions {
  /**
   * Reads the default kernel's initial ramdisk, where that is not to be done here and now. Absent:
   * it is read, in pieces.
   */
  readonly readInitramfs?: (path: string) => Promise<InitramfsContents>
}

/**
 * Looks at what a guest is made of: of one that runs, from within, or of the disks of one that does
 * not. It only reads. What the guest's files say wrongly becomes a fact; only a reader that fails
 * makes it throw.
 */
export async function readGuestFacts(
  guest: GuestReader,
  options: GuestFactsOptions = {},
): Promise<GuestFacts> {
  const reader = new RememberingReader(guest)
  const { boot, entry } = await readBoot(reader)
  const installed = await readKernels(reader)
  const { kernels, defaultKernel } = await chooseDefault(reader, installed, entry)
  const contentsOf = options.readInitramfs ?? ((path) => readInitramfs(reader, path))
  const os = await readOs(reader)
  const architecture = await readArchitecture(reader)
  const selinux = await readSelinux(reader)
  const live = await readLive(reader)
  const fstab = await readFstab(reader)
  return bounded({
    ...(os && { os }),
    ...(architecture !== undefined && { architecture }),
    hasSystemd: await hasSystemd(reader),
    kernels: await withContents(kernels, defaultKernel, contentsOf),
    defaultKernel,
    initramfsGenerators: await readGenerators(reader),
    boot,
    fstab: live ? await Promise.all(fstab.map((row) => withDisks(reader, row))) : fstab,
    crypttab: await readCrypttab(reader),
    storage: await readStorage(reader),
    network: await readNetwork(reader),
    ...(selinux && { selinux }),
    hasSerialGetty: await hasSerialGetty(reader, boot.consoles),
    guestAgents: await readGuestAgents(reader),
    space: await readSpace(reader),
    ...(live && { live }),
  })
}

async function chooseDefault(
  reader: RememberingReader,
  installed: readonly KernelFacts[],
  entry: DefaultEntry,
): Promise<{ kernels: readonly KernelFacts[]; defaultKernel: DefaultKernel }> {
  if (entry.kind === 'unclear') return { kernels: installed, defaultKernel: entry }
  if (entry.kind === 'known') {
    const started = await kernelOfEntry(reader, installed, entry.entry)
    if (started === undefined) {
      const why = `the boot loader's default entry starts ${entry.entry.kernelPath}, which is not there`
      return { kernels: installed, defaultKernel: { kind: 'unclear', why } }
    }
    const { version } = started
    const others = installed.filter((kernel) => kernel.version !== version)
    return {
      kernels: [started, ...others],
      defaultKernel: { kind: 'known', version, decidedBy: entry.decidedBy },
    }
  }
  const [newest] = installed
  if (newest === undefined) {
    const why = 'there is no kernel in /boot'
    return { kernels: installed, defaultKernel: { kind: 'unclear', why } }
  }
  const decidedBy = installed.length === 1 ? 'only' : 'newest'
  return {
    kernels: installed,
    defaultKernel: { kind: 'known', version: newest.version, decidedBy },
  }
}

async function withContents(
  kernels: readonly KernelFacts[],
  defaultKernel: DefaultKernel,
  contentsOf: (path: string) => Promise<InitramfsContents>,
): Promise<KernelFacts[]> {
  const described: KernelFacts[] = []
  for (const kernel of kernels) {
    const { initramfs } = kernel
    const isDefault = defaultKernel.kind === 'known' && defaultKernel.version === kernel.version
    if (initramfs === undefined || !isDefault) {
      described.push(kernel)
      continue
    }
    const contents = await contentsOf(initramfs.path)
    const short =
      contents.kind === 'read' ? { ...contents, modules: ofInterest(contents.modules) } : contents
    described.push({ ...kernel, initramfs: { ...initramfs, contents: short } })
  }
  return described
}

async function withDisks(reader: RememberingReader, row: GuestFacts['fstab'][number]) {
  const { disks } = await underneath(reader, row.device)
  return disks.length === 0 ? row : { ...row, disks }
}

async function readOs(reader: RememberingReader): Promise<GuestFacts['os']> {
  const text = (await reader.read('/etc/os-release')) ?? (await reader.read('/usr/lib/os-release'))
  if (text === undefined) return undefined
  const settings = shellSettings(text)
  const id = settings.get('ID') ?? 'linux'
  const version = settings.get('VERSION_ID') ?? ''
  return { id, version, name: settings.get('PRETTY_NAME') ?? `${id} ${version}`.trim() }
}

/** ELF's e_machine, of those that Linux servers have. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'i386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
}

async function readArchitecture(reader: RememberingReader): Promise<string | undefined> {
  const header = await bytesOf(reader, '/bin/sh', { bytesMax: 20 })
  if (header.length < 20 || header.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  const machine = header.at(5) === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)
  return MACHINES[machine] ?? `ELF machine ${machine}`
}

async function readSelinux(reader: RememberingReader): Promise<GuestFacts['selinux']> {
  const text = await reader.read('/etc/selinux/config')
  if (text === undefined) return undefined
  const value = shellSettings(text).get('SELINUX')
  return value === 'enforcing' || value === 'permissive' ? value : 'disabled'
}

/** Its program may be installed without being what is started; then /sbin/init is another one. */
async function hasSystemd(reader: RememberingReader): Promise<boolean> {
  const init =
    (await reader.linkTarget('/sbin/init')) ?? (await reader.linkTarget('/usr/sbin/init'))
  if (init !== undefined) return init.endsWith('/systemd')
  if (await reader.exists('/usr/sbin/init')) return false
  for (const folder of ['/usr/lib/systemd', '/lib/systemd']) {
    if (await reader.exists(`${folder}/systemd`)) return true
  }
  return false
}

/** systemd starts one for every console of the command line. */
async function hasSerialGetty(
  reader: RememberingReader,
  consoles: readonly string[],
): Promise<boolean> {
  const wants = await reader.list('/etc/systemd/system/getty.target.wants')
  if (wants.some((name) => name.startsWith('serial-getty@'))) return true
  const inittab = (await reader.read('/etc/inittab')) ?? ''
  return /^[^#].*\bttyS\d/m.test(inittab) || consoles.some((name) => name.startsWith('ttyS'))
}

async function readSpace(reader: RememberingReader): Promise<GuestFacts['space']> {
  const root = await reader.space('/')
  const boot = await reader.space('/boot')
  return { ...(root && { root }), ...(boot && { boot }) }
}
