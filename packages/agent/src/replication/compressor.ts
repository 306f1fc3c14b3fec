import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib'
import { FIRST_COMPRESSION_LEVEL, type CompressionLevel } from './compression-level.ts'

const compress = promisify(zstdCompress)

/** Compressed data that is not smaller by this is sent as it is: taking it apart costs time too. */
const WORTH_RATIO = 0.9
/** While compression does not pay, one extent in so many is tried to see whether it does again. */
const TRIAL_INTERVAL = 16
/** Weight of the newest extent in the running ratio. */
const NEWEST_WEIGHT = 0.2

/** Compressing less than this here and now costs less than handing it to another thread. */
const AT_ONCE_BYTES_MAX = 16_384

/**
 * zstd, left out while it does not pay. Level 1 is 297 MiB/s a core, with a ratio of 0.34 on a root
 * disk.
 */
export class Compressor {
  /** Of what is compressed from now on. */
  level: CompressionLevel = FIRST_COMPRESSION_LEVEL
  #ratio = 0
  #skipped = 0

  /** The bytes compressed, or undefined: send them as they are. */
  async compress(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { level } = this
    if (level === 0) return undefined
    if (this.#ratio > WORTH_RATIO && ++this.#skipped % TRIAL_INTERVAL !== 0) return undefined
    const options = { params: { [constants.ZSTD_c_compressionLevel]: level } }
    const packed =
      bytes.length <= AT_ONCE_BYTES_MAX
        ? zstdCompressSync(bytes, options)
        : await compress(bytes, options)
    const ratio = packed.length / bytes.length
    this.#ratio += (Math.min(ratio, 1) - this.#ratio) * NEWEST_WEIGHT
    return ratio < WORTH_RATIO ? packed : undefined
  }
}
