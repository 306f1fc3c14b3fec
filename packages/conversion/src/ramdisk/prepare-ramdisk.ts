import {
  driversNeeded,
  readInitramfs,
  type GuestFacts,
  type GuestReader,
  type KernelFacts,
} from '@landfall/guest'
import { LandfallError } from '@landfall/model'
import { type Generator, type GuestPrograms, rebuildRamdisk } from './rebuild-ramdisk.ts'

/** Who makes the guest boot on KVM. */
export type Preparation =
  /** Done: `message` says what was. */
  | { readonly kind: 'prepared'; readonly message: string }
  /** virt-v2v is to do it. */
  | { readonly kind: 'converter'; readonly why: string }

/** Distributions of which guests were landed without virt-v2v, and booted. */
const OWN_FAMILY: ReadonlySet<string> = new Set(['debian', 'ubuntu'])

/** A root on virtio. What the network and the agent's channel need comes from the root then. */
const MODULES = ['virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod']

/**
 * Sees to it that the kernel that boots finds its root on KVM: leaves an initial ramdisk alone that
 * is proven to have the drivers, and makes a new one where it is not, by the guest's own generator.
 * What is not known well enough is left to virt-v2v.
 */
export async function prepareRamdisk(
  guest: GuestReader & GuestPrograms,
  facts: GuestFacts,
  options: {
    /** Settings that are copied into the ramdisk were changed. */
    readonly isStale: boolean
    readonly onProgress: (message: string) => void
  },
): Promise<Preparation> {
  const { os, selinux, defaultKernel } = facts
  if (os === undefined || !OWN_FAMILY.has(os.id)) {
    return { kind: 'converter', why: `it is ${os?.name ?? 'an unknown system'}` }
  }
  if (selinux === 'enforcing') {
    return { kind: 'converter', why: 'SELinux has to label files that were written' }
  }
  const needs = driversNeeded(facts)
  if (needs.kind === 'missing') throw withoutDrivers(needs)
  if (defaultKernel.kind === 'unclear') return { kind: 'converter', why: defaultKernel.why }
  const { version } = defaultKernel
  if (needs.kind === 'none' && !options.isStale) {
    const message = `kernel ${version} has the drivers for KVM: its initial ramdisk stays as it is`
    return { kind: 'prepared', message }
  }
  const kernel = facts.kernels.find((one) => one.version === version)
  const path = kernel?.initramfs?.path
  const generator = generatorOf(facts)
  if (kernel === undefined || path === undefined || generator === undefined) {
    return { kind: 'converter', why: `nothing known makes initial ramdisks for kernel ${version}` }
  }
  options.onProgress(`making the initial ramdisk of kernel ${version} by ${generator}`)
  await rebuild(guest, { kernel, path, generator })
  return { kind: 'prepared', message: `initial ramdisk ${path} was made anew by ${generator}` }
}

async function rebuild(
  guest: GuestReader & GuestPrograms,
  ramdisk: { kernel: KernelFacts; path: string; generator: Generator },
): Promise<void> {
  const { kernel, path, generator } = ramdisk
  const before = await readInitramfs(guest, path)
  const kept = before.kind === 'read' ? before.modules : []
  const added = MODULES.filter((name) => kernel.loadable?.includes(name) === true)
  const modules = [...new Set([...kept, ...added])]
  await rebuildRamdisk(guest, { generator, kernelVersion: kernel.version, path, modules })
  const after = await readInitramfs(guest, path)
  // Believed only when seen: a generator may leave out what it does not find, and succeed.
  const isWhole =
    after.kind === 'read' &&
    added.every((name) => kernel.builtin.includes(name) || after.modules.includes(name))
  if (isWhole) return
  throw new LandfallError(
    'unavailable',
    `The initial ramdisk ${path} that ${generator} made lacks drivers for KVM ` +
      `(${added.join(', ')}). Look at its settings on the source server, and launch again.`,
  )
}

function generatorOf({ initramfsGenerators }: GuestFacts): Generator | undefined {
  for (const { name } of initramfsGenerators) {
    if (name === 'initramfs-tools' || name === 'dracut') return name
  }
  return undefined
}

function withoutDrivers(needs: { kernels: readonly string[]; modules: readonly string[] }) {
  return new LandfallError(
    'unavailable',
    `Kernel ${needs.kernels.join(', ')}, which the guest boots by default, has no drivers for KVM ` +
      `(${needs.modules.join(', ')}). Install a kernel that has them on the source server, as every ` +
      "distribution's own has, and launch again.",
  )
}
