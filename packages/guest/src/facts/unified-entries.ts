import { errorText } from '@landfall/model'
import type { RememberingReader } from '../remembering-reader.ts'
import { readUnifiedImage, type UnifiedImage } from '../unified/unified-image.ts'
import type { BootEntry } from './boot-entry.ts'
import { shellSettings } from './settings.ts'

export interface UnifiedEntries {
  readonly entries: readonly BootEntry[]
  /** A sentence for each image that cannot be read. */
  readonly broken: readonly string[]
}

/** Images looked at; each costs looks into the file. */
const IMAGES_MAX = 32

/** Entries of the Boot Loader Specification's type #2: unified images in the folder EFI/Linux. */
export async function unifiedEntries(
  reader: RememberingReader,
  tops: Iterable<string>,
): Promise<UnifiedEntries> {
  const paths: string[] = []
  for (const top of tops) {
    const names = (await reader.list(`${top}/EFI/Linux`)).filter((name) => /\.efi$/i.test(name))
    paths.push(...names.map((name) => `${top}/EFI/Linux/${name}`))
  }
  const entries: BootEntry[] = []
  const broken: string[] = []
  for (const path of paths.slice(0, IMAGES_MAX)) {
    try {
      const image = await readUnifiedImage(reader, path)
      if (image !== undefined) entries.push(entryOf(path, image))
    } catch (error) {
      broken.push(`${path} cannot be read: ${errorText(error)}`)
    }
  }
  return { entries, broken }
}

/** As systemd's boot loader shows it. */
export function entryOf(path: string, image: UnifiedImage): BootEntry {
  const system = shellSettings(image.osRelease)
  const id = path.slice(path.lastIndexOf('/') + 1)
  const sortKey = system.get('IMAGE_ID') ?? system.get('ID')
  const version = system.get('IMAGE_VERSION') ?? system.get('VERSION') ?? system.get('VERSION_ID')
  return {
    id,
    title: system.get('PRETTY_NAME') ?? id,
    kernelPath: path,
    initramfsPaths: [],
    commandLine: image.commandLine,
    ...(sortKey !== undefined && { sortKey }),
    ...(version !== undefined && { version }),
    image,
  }
}
