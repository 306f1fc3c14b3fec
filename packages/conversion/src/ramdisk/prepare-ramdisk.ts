import { createHash } from 'node:crypto'
import {
  bootedImage,
  driversNeeded,
  readInitramfs,
  type GuestFacts,
  type GuestReader,
  type KernelFacts,
} from '@landfall/guest'
import { LandfallError } from '@landfall/model'
import type { KeptRamdisk } from './kept-ramdisk.ts'
import { requireUsableImage } from './unified-image.ts'
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

export interface RamdiskGuest extends GuestReader, GuestPrograms {
  /** Copies a file of the guest to one of ours. */
  download(path: string, file: string): Promise<void>
  /** Copies a file of ours into the guest, in place of what is there. */
  upload(file: string, path: string): Promise<void>
}

export interface PrepareOptions {
  /** What of the guest's settings is copied into ramdisks, as it is now. */
  readonly settings: string
  /** These settings were changed, so that a ramdisk has them as they were. */
  readonly isStale: boolean
  /** From earlier conversions of the server. */
  readonly kept?: KeptRamdisk
  readonly onProgress: (message: string) => void
}

/**
 * Sees to it that the kernel that boots finds its root on KVM: leaves an initial ramdisk alone that
 * is proven to have the drivers, and makes a new one where it is not, by the guest's own generator.
 * What is not known well enough is left to virt-v2v; a unified image that would not come up is
 * refused.
 */
export async function prepareRamdisk(
  guest: RamdiskGuest,
  facts: GuestFacts,
  options: PrepareOptions,
): Promise<Preparation> {
  const image = bootedImage(facts)
  if (image !== undefined) requireUsableImage(facts, image, options.isStale)
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
  if (image !== undefined) {
    const message = `unified kernel image ${image} stays as it is; its drivers are not known`
    return { kind: 'prepared', message }
  }
  const kernel = facts.kernels.find((one) => one.version === version)
  const path = kernel?.initramfs?.path
  const generator = generatorOf(facts)
  if (kernel === undefined || path === undefined || generator === undefined) {
    return { kind: 'converter', why: `nothing known makes initial ramdisks for kernel ${version}` }
  }
  const message = await renew(guest, { kernel, path, generator }, options)
  return { kind: 'prepared', message }
}

interface Ramdisk {
  readonly kernel: KernelFacts
  readonly path: string
  readonly generator: Generator
}

/** Puts a ramdisk with the drivers in place: the one that is kept, where it would be the same. */
async function renew(
  guest: RamdiskGuest,
  ramdisk: Ramdisk,
  { kept, settings, onProgress }: PrepareOptions,
): Promise<string> {
  const { kernel, path, generator } = ramdisk
  const madeOf = [kernel.version, generator, settings, ...MODULES, await digestOf(guest, path)]
  const found = await kept?.find(madeOf)
  if (found !== undefined) {
    await guest.upload(found, path)
    return `initial ramdisk ${path} is the one that was made for an earlier instance`
  }
  onProgress(`making the initial ramdisk of kernel ${kernel.version} by ${generator}`)
  await rebuild(guest, ramdisk)
  await kept?.keep(madeOf, (file) => guest.download(path, file))
  return `initial ramdisk ${path} was made anew by ${generator}`
}

async function digestOf(guest: GuestReader, path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const piece of (await guest.stream(path)) ?? []) digest.update(piece)
  return digest.digest('hex')
}

async function rebuild(guest: RamdiskGuest, { kernel, path, generator }: Ramdisk): Promise<void> {
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
