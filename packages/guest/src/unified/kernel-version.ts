import { bytesOf } from '../file-part.ts'
import type { GuestReader } from '../guest-files.ts'

/** Of the x86 boot protocol: where the header says where the version's text is, less 0x200. */
const VERSION_POINTER_AT = 0x20e
const SETUP_BYTES_MAX = 64 * 1024

/** What a kernel image that begins there says of its version; undefined when it does not. */
export async function kernelVersionAt(
  reader: GuestReader,
  path: string,
  offset: number,
): Promise<string | undefined> {
  const setup = await bytesOf(reader, path, { offset, bytesMax: SETUP_BYTES_MAX })
  const isWhole = setup.length >= VERSION_POINTER_AT + 2
  if (!isWhole || setup.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined
  const at = setup.readUInt16LE(VERSION_POINTER_AT) + 0x200
  return /^[\w.+~-]+/.exec(setup.toString('latin1', at, at + 128))?.[0]
}
