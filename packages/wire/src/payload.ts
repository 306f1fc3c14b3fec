import { promisify } from 'node:util'
import { crc32, zstdDecompress } from 'node:zlib'
import { LandfallError } from '@landfall/model'
import type { Frame } from './frame.ts'
import { DATA_BYTES_MAX } from './limits.ts'

const decompress = promisify(zstdDecompress)

/** Of Node's zlib. */
const CHUNK_BYTES_MIN = 64

/**
 * The content of a data or scatter frame: decompressed, of exactly `length` bytes, checksum
 * verified. A `validation` error otherwise; never takes more than `DATA_BYTES_MAX` of memory for a
 * frame.
 */
export async function dataPayload(of: Frame): Promise<Uint8Array> {
  if (of.length === 0 || of.length > DATA_BYTES_MAX) throw badPayload(of, `${of.length} bytes long`)
  const content = of.compressed ? await decompressed(of) : of.payload
  if (content.length !== of.length) {
    throw badPayload(of, `announced ${of.length} bytes and holds ${content.length}`)
  }
  if (crc32(content) !== of.checksum) throw badPayload(of, 'does not match its checksum')
  return content
}

async function decompressed(of: Frame): Promise<Uint8Array> {
  try {
    // One chunk of the whole length: nothing has to be put together afterwards.
    const chunkSize = Math.max(of.length, CHUNK_BYTES_MIN)
    return await decompress(of.payload, { maxOutputLength: of.length, chunkSize })
  } catch (cause) {
    throw badPayload(of, 'cannot be decompressed', cause)
  }
}

function badPayload(of: Frame, what: string, cause?: unknown): LandfallError {
  const where = `${of.type} for disk ${of.disk} at byte ${of.offset}`
  return new LandfallError('validation', `Bad replication frame: ${where} ${what}`, { cause })
}
