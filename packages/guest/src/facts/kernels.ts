import { moduleOf } from '../initramfs/module-name.ts'
import type { RememberingReader } from '../remembering-reader.ts'
import { kernelVersionAt } from '../unified/kernel-version.ts'
import type { UnifiedImage } from '../unified/unified-image.ts'
import type { BootEntry } from './boot-entry.ts'
import { newestFirst } from './compare-versions.ts'
import { ofInterest } from './drivers-of-interest.ts'
import type { KernelFacts } from './guest-facts.ts'

const MODULES_DIR = '/lib/modules'
const BOOT_DIR = '/boot'

const IMAGE_NAME = /^(?:vmlinuz|vmlinux|kernel|bzImage)-(.+)$/

/** Copies of an image, its signature, and the kernel of the rescue system. */
const NOT_A_KERNEL = /(?:\.(?:old|bak|gz)|\.fwsig|^\S*rescue\S*)$/

/** Kernels installed, newest first. A folder of modules without an image in /boot is none. */
export async function readKernels(reader: RememberingReader): Promise<KernelFacts[]> {
  const folders = await reader.list(MODULES_DIR)
  const names = await reader.list(BOOT_DIR)
  const kernels: KernelFacts[] = []
  for (const name of names) {
    const label = IMAGE_NAME.exec(name)?.[1]
    if (label === undefined || NOT_A_KERNEL.test(label)) continue
    const imagePath = `${BOOT_DIR}/${name}`
    const version = folders.includes(label) ? label : await versionIn(reader, imagePath, label)
    kernels.push(await describe(reader, { version, imagePath, initramfs: ramdiskOf(names, label) }))
  }
  return kernels.toSorted((a, b) => newestFirst(a.version, b.version))
}

/** The kernel that a boot entry starts: one of those installed, or one that lies elsewhere. */
export async function kernelOfEntry(
  reader: RememberingReader,
  kernels: readonly KernelFacts[],
  entry: BootEntry,
): Promise<KernelFacts | undefined> {
  if (entry.image !== undefined) return await unifiedKernel(reader, entry.kernelPath, entry.image)
  const imagePath = await located(reader, entry.kernelPath)
  if (imagePath === undefined) return undefined
  const label = IMAGE_NAME.exec(imagePath.split('/').at(-1) ?? '')?.[1]
  const known = kernels.find((kernel) => kernel.imagePath === imagePath)
  const version =
    known?.version ?? (await versionIn(reader, imagePath, entry.version ?? label ?? imagePath))
  // The last is the kernel's; those before it are microcode, and variables lead nowhere.
  let initramfs: string | undefined
  for (const path of entry.initramfsPaths) initramfs = (await located(reader, path)) ?? initramfs
  return await describe(reader, { version, imagePath, initramfs })
}

async function unifiedKernel(
  reader: RememberingReader,
  path: string,
  { kernelVersion, initramfsBytes }: UnifiedImage,
): Promise<KernelFacts> {
  const version = kernelVersion ?? path
  return {
    version,
    imagePath: path,
    isUnified: true,
    ...(initramfsBytes !== undefined && { initramfs: { path, sizeBytes: initramfsBytes } }),
    ...(await modulesOf(reader, version)),
  }
}

/** Boot loaders count from the top of a partition, or of a Btrfs subvolume. */
async function located(reader: RememberingReader, path: string): Promise<string | undefined> {
  const bare = path.replace(/^\(\$?\w+\)/, '').replace(/^\/@\w*\//, '/')
  if (bare === '') return undefined
  for (const top of ['', BOOT_DIR, '/boot/efi', '/efi']) {
    if (await reader.exists(`${top}${bare}`)) return `${top}${bare}`
  }
  return undefined
}

function ramdiskOf(names: readonly string[], label: string): string | undefined {
  const candidates = [
    `initrd.img-${label}`,
    `initramfs-${label}.img`,
    `initrd-${label}`,
    `initramfs-${label}`,
    `initrd-${label}.img`,
  ]
  const name = candidates.find((candidate) => names.includes(candidate))
  return name === undefined ? undefined : `${BOOT_DIR}/${name}`
}

async function describe(
  reader: RememberingReader,
  kernel: { version: string; imagePath: string; initramfs: string | undefined },
): Promise<KernelFacts> {
  const { version, imagePath, initramfs } = kernel
  const sizeBytes = initramfs === undefined ? undefined : await reader.sizeBytes(initramfs)
  return {
    version,
    imagePath,
    ...(initramfs !== undefined &&
      sizeBytes !== undefined && { initramfs: { path: initramfs, sizeBytes } }),
    ...(await modulesOf(reader, version)),
  }
}

async function modulesOf(
  reader: RememberingReader,
  version: string,
): Promise<Pick<KernelFacts, 'builtin' | 'loadable'>> {
  const folder = `${MODULES_DIR}/${version}`
  const builtin = await reader.read(`${folder}/modules.builtin`)
  const dependencies = await reader.read(`${folder}/modules.dep`)
  return {
    builtin: ofInterest(modulesIn(builtin ?? '')),
    ...(dependencies !== undefined && { loadable: ofInterest(modulesIn(dependencies)) }),
  }
}

/** Of modules.builtin and modules.dep: a path at the start of each line. */
function modulesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => moduleOf(/^[^:\s]+/.exec(line)?.[0] ?? '') ?? [])
}

/** What the image itself says; else the given name. */
async function versionIn(reader: RememberingReader, path: string, name: string): Promise<string> {
  return (await kernelVersionAt(reader, path, 0)) ?? name
}
