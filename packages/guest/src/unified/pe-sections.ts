import { bytesOf } from '../file-part.ts'
import type { GuestReader } from '../guest-files.ts'

/** Where in a file the bytes of a section are. */
export interface PeSection {
  readonly name: string
  readonly offset: number
  readonly length: number
}

/** All known tools put the headers right at the beginning: they are some KiB with 30 sections. */
const HEADER_BYTES_MAX = 64 * 1024
/** What Windows' own loader takes. */
const SECTIONS_MAX = 96

/** Of Microsoft's PE format: where the DOS header says where the PE header is. */
const PE_POINTER_AT = 0x3c
const PE_SIGNATURE = 'PE\0\0'
/** Signature and COFF header. */
const FILE_HEADER_BYTES = 24
const SECTION_HEADER_BYTES = 40

/**
 * The sections of a PE file, which UEFI's programs are; undefined when the file is none. Throws a
 * sentence about it when it is one and broken: every section lies within the file.
 */
export async function readPeSections(
  reader: GuestReader,
  path: string,
): Promise<PeSection[] | undefined> {
  const header = await bytesOf(reader, path, { bytesMax: HEADER_BYTES_MAX })
  if (header.toString('latin1', 0, 2) !== 'MZ' || header.length <= PE_POINTER_AT + 4) {
    return undefined
  }
  const at = header.readUInt32LE(PE_POINTER_AT)
  if (header.toString('latin1', at, at + PE_SIGNATURE.length) !== PE_SIGNATURE) {
    throw new Error('it begins like a PE file, and has no header of one')
  }
  if (at + FILE_HEADER_BYTES > header.length) throw new Error('its PE header is cut off')
  const count = header.readUInt16LE(at + 6)
  const tableAt = at + FILE_HEADER_BYTES + header.readUInt16LE(at + 20)
  if (count > SECTIONS_MAX || tableAt + count * SECTION_HEADER_BYTES > header.length) {
    throw new Error(`its table of ${count} PE sections is cut off or too long`)
  }
  const sections = Array.from({ length: count }, (_, index) =>
    sectionIn(header, tableAt + index * SECTION_HEADER_BYTES),
  )
  const sizeBytes = (await reader.sizeBytes(path)) ?? 0
  const outside = sections.find(({ offset, length }) => offset + length > sizeBytes)
  if (outside === undefined) return sections
  throw new Error(`its PE section ${JSON.stringify(outside.name)} is beyond its end: it is cut off`)
}

function sectionIn(header: Buffer, at: number): PeSection {
  const inMemory = header.readUInt32LE(at + 8)
  const inFile = header.readUInt32LE(at + 16)
  return {
    name: header.toString('latin1', at, at + 8).replace(/\0+$/, ''),
    offset: header.readUInt32LE(at + 20),
    // In the file it is padded; what it has more of in memory is zeros.
    length: inMemory === 0 ? inFile : Math.min(inMemory, inFile),
  }
}
