import { bytesOf } from '../file-part.ts'
import type { GuestReader } from '../guest-files.ts'
import { kernelVersionAt } from './kernel-version.ts'
import { readPeSections, type PeSection } from './pe-sections.ts'

/** A unified kernel image (UKI): what its sections say, as the UAPI group specifies them. */
export interface UnifiedImage {
  /** Absent where neither it nor its kernel says so. */
  readonly kernelVersion?: string
  readonly commandLine: string
  /** The os-release of its system, as text. */
  readonly osRelease: string
  /** Of the initial ramdisk in it; absent when it has none. */
  readonly initramfsBytes?: number
}

/** The longest of its texts, a command line, is at most some KiB on any architecture. */
const TEXT_BYTES_MAX = 64 * 1024

/** Undefined when the file is something else. Throws a sentence when it is one and broken. */
export async function readUnifiedImage(
  reader: GuestReader,
  path: string,
): Promise<UnifiedImage | undefined> {
  const sections = await readPeSections(reader, path)
  // Of further profiles, which come behind, none is started unless somebody chooses it.
  const find = (name: string) => sections?.find((section) => section.name === name)
  const linux = find('.linux')
  if (linux === undefined) return undefined
  const text = async (name: string) => await textOf(reader, path, find(name))
  const told = /^[\w.+~-]+$/.exec(await text('.uname'))?.[0]
  const kernelVersion = told ?? (await kernelVersionAt(reader, path, linux.offset))
  const initramfs = find('.initrd')
  return {
    ...(kernelVersion !== undefined && { kernelVersion }),
    commandLine: await text('.cmdline'),
    osRelease: await text('.osrel'),
    ...(initramfs !== undefined && { initramfsBytes: initramfs.length }),
  }
}

/** The bytes of an initial ramdisk: of the file itself, or of the one in a unified image. */
export async function ramdiskStream(
  reader: GuestReader,
  path: string,
): Promise<AsyncIterable<Buffer> | undefined> {
  const sections = await readPeSections(reader, path)
  if (sections === undefined) return await reader.stream(path)
  const section = sections.find(({ name }) => name === '.initrd')
  if (section === undefined || section.length === 0) {
    throw new Error('it is a PE file without an initial ramdisk')
  }
  return await reader.stream(path, { offset: section.offset, bytesMax: section.length })
}

async function textOf(
  reader: GuestReader,
  path: string,
  section: PeSection | undefined,
): Promise<string> {
  if (section === undefined || section.length === 0) return ''
  const { name, offset, length } = section
  if (length > TEXT_BYTES_MAX) {
    throw new Error(`its PE section ${name} has ${length} bytes, and may have ${TEXT_BYTES_MAX}`)
  }
  const bytes = await bytesOf(reader, path, { offset, bytesMax: length })
  return bytes.toString('latin1').replaceAll('\0', '').trim()
}
