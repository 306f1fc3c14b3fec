import { bytesOf } from '../file-part.ts'
import type { GuestReader } from '../guest-files.ts'
import type { RememberingReader } from '../remembering-reader.ts'
import type { BootFacts } from './guest-facts.ts'

/** Where distributions mount the EFI system partition. */
const FOLDERS = ['/boot/efi', '/efi', '/boot']

/** Loaders looked at; each costs a look into the file. */
const LOADERS_MAX = 12

export async function readEsp(reader: RememberingReader): Promise<BootFacts['esp']> {
  for (const folder of FOLDERS) {
    const top = (await reader.list(folder)).find((name) => name.toUpperCase() === 'EFI')
    // /boot may have an empty folder `efi`: the place where the partition is mounted.
    if (top === undefined || (await reader.list(`${folder}/${top}`)).length === 0) continue
    return await describe(reader, folder, `${folder}/${top}`)
  }
  return undefined
}

async function describe(
  reader: RememberingReader,
  folder: string,
  top: string,
): Promise<NonNullable<BootFacts['esp']>> {
  const paths: string[] = []
  for (const vendor of await reader.list(top)) {
    const names = await reader.list(`${top}/${vendor}`)
    for (const name of names) if (/\.efi$/i.test(name)) paths.push(`${top}/${vendor}/${name}`)
  }
  const loaders: { path: string; isSigned: boolean }[] = []
  const wanted = paths.filter((path) => /\/(shim|grub|boot|systemd-boot)\w*\.efi$/i.test(path))
  for (const path of wanted.slice(0, LOADERS_MAX)) {
    loaders.push({ path, isSigned: await isSigned(reader, path) })
  }
  return {
    folder,
    hasFallback: paths.some((path) => /\/boot\/bootx64\.efi$/i.test(path)),
    hasShim: paths.some((path) => /\/shim\w*\.efi$/i.test(path)),
    loaders,
  }
}

/** A PE file's headers; all known loaders have theirs within. */
const HEADER_BYTES = 4096

/** Whether a PE file has a table of certificates: its fifth data directory. */
async function isSigned(reader: GuestReader, path: string): Promise<boolean> {
  const bytes = await bytesOf(reader, path, { bytesMax: HEADER_BYTES })
  if (bytes.length < 0x40 || bytes.toString('latin1', 0, 2) !== 'MZ') return false
  const optionalAt = bytes.readUInt32LE(0x3c) + 24
  if (optionalAt + 160 > bytes.length) return false
  const isPe32Plus = bytes.readUInt16LE(optionalAt) === 0x20b
  const directoriesAt = optionalAt + (isPe32Plus ? 112 : 96)
  return bytes.readUInt32LE(directoriesAt + 4 * 8 + 4) > 0
}
