import { HASH_RANGE_BYTES } from '@landfall/model'
import type { BufferPool, Extent } from '@landfall/block'
import { KeyedHash, newHashKey, type HashRequest } from '@landfall/wire'
import type { Session } from './session.ts'
import type { StageMeter } from './stage-meter.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** Comparisons at once: while some read and hash here, others do there. */
export const COMPARISONS_MAX = 4

/** Compares ranges of a disk with the replica, or with a point, by a keyed hash at both ends. */
export class RangeComparer {
  readonly #session: Session
  readonly #pool: BufferPool
  readonly #counters: { readBytes: number }
  readonly #stages: StageMeter
  readonly #key = newHashKey()

  constructor(options: {
    session: Session
    pool: BufferPool
    counters: { readBytes: number }
    stages: StageMeter
  }) {
    this.#session = options.session
    this.#stages = options.stages
    this.#pool = options.pool
    this.#counters = options.counters
  }

  /**
   * Whether both ends hold the same. The source is read before the replica is asked; a write
   * between the two makes a false difference, never a false equality.
   */
  async isEqual(disk: TrackedDisk, range: Extent, pointID?: string): Promise<boolean> {
    const here = await this.#digest(disk, range)
    const place = { disk: disk.index, offset: range.offset, length: range.length }
    const ended = this.#stages.begin('apply', 1 / COMPARISONS_MAX)
    try {
      const key = this.#key.toString('base64')
      const asked: HashRequest = pointID === undefined ? { key } : { key, pointID }
      const there = await this.#session.requestJson('hash', asked, place).answered
      return here.equals(there.payload)
    } finally {
      ended(range.length)
    }
  }

  async #digest(disk: TrackedDisk, range: Extent): Promise<Buffer> {
    using lent = await this.#pool.lend()
    const bytes = lent.bytes.subarray(0, range.length)
    const ended = this.#stages.begin('read', 1 / COMPARISONS_MAX)
    try {
      await disk.read(range.offset, bytes)
    } finally {
      ended(range.length)
    }
    this.#counters.readBytes += range.length
    return new KeyedHash(this.#key).update(bytes).digest()
  }
}

/** The disk in ranges, each compared by one hash. */
export function* hashRanges(sizeBytes: number): Generator<Extent> {
  for (let offset = 0; offset < sizeBytes; offset += HASH_RANGE_BYTES) {
    yield { offset, length: Math.min(HASH_RANGE_BYTES, sizeBytes - offset) }
  }
}
