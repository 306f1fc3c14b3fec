import { HARDWARE_NAME, type GuestSystem } from '@landfall/guest'
import { replaceFile } from './originals.ts'

/** Where boot loaders, and what writes their configuration, have the kernel's command line. */
const FILES = [
  '/boot/grub/grub.cfg',
  '/boot/grub2/grub.cfg',
  '/etc/default/grub',
  '/etc/kernel/cmdline',
]

/** The Boot Loader Specification's entries, a file each. */
const ENTRY_FOLDERS = ['/boot/loader/entries', '/boot/efi/loader/entries', '/efi/loader/entries']

const NAMED_DEVICE = new RegExp(String.raw`\b(?:root|resume)=(${HARDWARE_NAME.source})`, 'g')

/**
 * Lets the kernel find its root, and where it resumes from, by UUID where it is told a device name
 * of the source's hardware.
 */
export async function adaptKernelCommandLine(guest: GuestSystem): Promise<string[]> {
  const warnings: string[] = []
  for (const path of await filesOf(guest)) {
    const text = await guest.read(path)
    if (text === undefined) continue
    let adapted = text
    for (const device of new Set(
      Array.from(text.matchAll(NAMED_DEVICE), ([, name = '']) => name),
    )) {
      const uuid = await guest.uuidOf(device)
      if (uuid === undefined) {
        warnings.push(`${path} tells the kernel of ${device}, which was not replicated.`)
        continue
      }
      adapted = adapted.replaceAll(NAMED_DEVICE, (whole, name: string) =>
        name === device ? whole.replace(name, `UUID=${uuid}`) : whole,
      )
    }
    if (adapted !== text) await replaceFile(guest, path, adapted)
  }
  return warnings
}

async function filesOf(guest: GuestSystem): Promise<string[]> {
  const entries: string[] = []
  for (const folder of ENTRY_FOLDERS) {
    const names = (await guest.list(folder)).filter((name) => name.endsWith('.conf'))
    entries.push(...names.map((name) => `${folder}/${name}`))
  }
  return [...FILES, ...entries]
}
