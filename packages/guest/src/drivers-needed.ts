import type { GuestFacts, KernelFacts } from './facts/guest-facts.ts'

/** Without these in the kernel or its initial ramdisk the root filesystem is not found. */
const NEEDED_TO_BOOT = ['virtio_pci', 'virtio_blk']

/** These may come from the root filesystem: an instance without a network is of no use. */
const NEEDED_LATER = ['virtio_net']

export interface DriversOptions {
  /** A disk is attached by virtio-scsi. */
  readonly usesScsi?: boolean
}

/** What the initial ramdisks of a guest lack to boot it on KVM. */
export type DriversNeeded =
  /** Nothing: that is proven of the kernel that is started. */
  | { readonly kind: 'none' }
  /** The kernel has them as modules, its initial ramdisk does not: a new one boots. */
  | {
      readonly kind: 'initramfs'
      readonly kernels: readonly string[]
      readonly modules: readonly string[]
    }
  /** The kernel has them neither built in nor as modules: no initial ramdisk helps. */
  | {
      readonly kind: 'missing'
      readonly kernels: readonly string[]
      readonly modules: readonly string[]
    }
  | { readonly kind: 'unknown'; readonly why: string }

/** The kernel that is started by default; undefined when that is unclear. */
export function bootedKernel({ defaultKernel, kernels }: GuestFacts): KernelFacts | undefined {
  if (defaultKernel.kind === 'unclear') return undefined
  return kernels.find(({ version }) => version === defaultKernel.version)
}

/** The unified kernel image that is started by default; undefined when none is. */
export function bootedImage(facts: GuestFacts): string | undefined {
  const kernel = bootedKernel(facts)
  return kernel?.isUnified === true ? kernel.imagePath : undefined
}

/** Of the kernel that is started by default. `none` only where it is proven. */
export function driversNeeded(facts: GuestFacts, options: DriversOptions = {}): DriversNeeded {
  const { defaultKernel } = facts
  if (defaultKernel.kind === 'unclear') {
    return { kind: 'unknown', why: `It is unclear which kernel boots: ${defaultKernel.why}.` }
  }
  const kernel = bootedKernel(facts)
  if (kernel === undefined) {
    return { kind: 'unknown', why: `Nothing is known of kernel ${defaultKernel.version}.` }
  }
  const needed = kernelNeeds(kernel, options)
  if (needed.kind === 'none' && defaultKernel.decidedBy === 'newest') {
    const why = `Kernel ${kernel.version} is only taken to boot because it is the newest.`
    return { kind: 'unknown', why }
  }
  return needed
}

/** Of one kernel. Its ramdisk is known only when it is that of the default kernel. */
export function kernelNeeds(kernel: KernelFacts, options: DriversOptions = {}): DriversNeeded {
  const { version, builtin, loadable } = kernel
  const toBoot = [...NEEDED_TO_BOOT, ...(options.usesScsi === true ? ['virtio_scsi'] : [])]
  if (loadable === undefined) {
    const isBuiltin = [...toBoot, ...NEEDED_LATER].every((name) => builtin.includes(name))
    if (isBuiltin) return { kind: 'none' }
    return { kind: 'unknown', why: `The modules of kernel ${version} are not listed.` }
  }
  const missing = [...toBoot, ...NEEDED_LATER].filter((name) => {
    return !builtin.includes(name) && !loadable.includes(name)
  })
  if (missing.length > 0) return { kind: 'missing', kernels: [version], modules: missing }
  const modules = toBoot.filter((name) => !builtin.includes(name))
  if (modules.length === 0) return { kind: 'none' }
  const contents = kernel.initramfs?.contents
  if (contents === undefined) {
    // Without a ramdisk it has the drivers of its own disks built in, and cannot load others.
    if (kernel.initramfs === undefined) return { kind: 'initramfs', kernels: [version], modules }
    return { kind: 'unknown', why: `The initial ramdisk of kernel ${version} was not read.` }
  }
  if (contents.kind === 'unread') {
    return { kind: 'unknown', why: `The initial ramdisk is not known: ${contents.why}.` }
  }
  const absent = modules.filter((name) => !contents.modules.includes(name))
  if (absent.length === 0) return { kind: 'none' }
  return { kind: 'initramfs', kernels: [version], modules: absent }
}
