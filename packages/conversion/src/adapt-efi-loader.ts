import type { GuestFiles } from '@landfall/guest'

/** Where a system mounts its EFI system partition. */
const ESP_FOLDERS = ['/boot/efi', '/efi', '/boot']

/** What firmware without variables of its own starts, by the UEFI specification, 3.5.1.1. */
const FALLBACK = 'EFI/BOOT/BOOTX64.EFI'

/**
 * Loaders that can be started from the fallback's place, and what they need beside them: the first
 * that is there is taken. A shim comes before the GRUB that it checks.
 */
const LOADERS: readonly { readonly file: RegExp; readonly companions: readonly string[] }[] = [
  { file: /^shimx64\.efi$/i, companions: ['grubx64.efi', 'mmx64.efi'] },
  { file: /^grubx64\.efi$/i, companions: [] },
  { file: /^systemd-bootx64\.efi$/i, companions: [] },
]

/**
 * The variables in which the source's firmware kept the name of its boot loader do not come along:
 * the loader is put where any firmware looks.
 */
export async function adaptEfiLoader(guest: GuestFiles): Promise<string[]> {
  for (const esp of ESP_FOLDERS) {
    const vendors = await guest.list(`${esp}/EFI`)
    if (vendors.length === 0) continue
    if (await isThere(guest, esp)) return []
    for (const { file, companions } of LOADERS) {
      for (const vendor of vendors) {
        const folder = `${esp}/EFI/${vendor}`
        const names = await guest.list(folder)
        const loader = names.find((name) => file.test(name))
        if (loader === undefined) continue
        await guest.copy(`${folder}/${loader}`, `${esp}/${FALLBACK}`)
        for (const name of names.filter((one) => companions.includes(one.toLowerCase()))) {
          await guest.copy(`${folder}/${name}`, `${esp}/EFI/BOOT/${name}`)
        }
        return []
      }
    }
    if (await copyOnlyImage(guest, esp)) return []
    return [`${esp}/EFI has no boot loader that is known: UEFI firmware may not find it.`]
  }
  return []
}

/**
 * Where the firmware started a unified kernel image without any loader. Which of several it was,
 * only the firmware knew.
 */
async function copyOnlyImage(guest: GuestFiles, esp: string): Promise<boolean> {
  const folder = `${esp}/EFI/Linux`
  const [image, ...others] = (await guest.list(folder)).filter((name) => /\.efi$/i.test(name))
  if (image === undefined || others.length > 0) return false
  await guest.copy(`${folder}/${image}`, `${esp}/${FALLBACK}`)
  return true
}

/** The partition's names have no case. */
async function isThere(guest: GuestFiles, esp: string): Promise<boolean> {
  const folder = (await guest.list(`${esp}/EFI`)).find((name) => name.toUpperCase() === 'BOOT')
  if (folder === undefined) return false
  const names = await guest.list(`${esp}/EFI/${folder}`)
  return names.some((name) => name.toUpperCase() === 'BOOTX64.EFI')
}
