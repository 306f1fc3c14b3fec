import type { Extent } from '@landfall/block'
import { endOf } from '@landfall/block'
import { DATA_BYTES_MAX, scatterTableBytes, writeScatterTable } from '@landfall/wire'
import type { RunSender } from './run-sender.ts'
import type { Request } from './session.ts'
import type { TrackedDisk } from './tracked-disk.ts'
import { zeroRuns } from './zero-runs.ts'

type Answers = Request['answered'][]

/**
 * Clean bytes between two small extents that are read along with them, and not sent: 32 KiB more
 * cost a disk less than one read more.
 */
const READ_GAP_BYTES_MAX = 32 * 1024
/** Room for the table before the bytes; what follows is on a page, as O_DIRECT wants it. */
const HEAD_BYTES = 4096

/** Brings extents that were read onto the wire, as frames of the kind that suits them. */
export class ExtentSender {
  readonly #runs: RunSender

  constructor(runs: RunSender) {
    this.#runs = runs
  }

  /** One extent: zeros as ranges, or not at all where the replica is known to have them. */
  async send(disk: TrackedDisk, extent: Extent, bytes: Buffer): Promise<Answers> {
    const isUntouched = disk.isUntouched(extent)
    const answers: Answers = []
    for (const run of zeroRuns(bytes)) {
      if (run.isZero && isUntouched) continue
      const content = run.isZero
        ? undefined
        : { type: 'data' as const, bytes: bytes.subarray(run.offset, run.offset + run.length) }
      const place = { disk: disk.index, offset: extent.offset + run.offset, length: run.length }
      const onSend = (): void => (run.isZero ? undefined : disk.touch(place))
      const request = await this.#runs.send(place, content, onSend)
      if (request === undefined) break
      answers.push(request.answered)
    }
    return answers
  }

  /** Several small extents, read by `readScattered`, in one frame. */
  async sendScattered(
    disk: TrackedDisk,
    extents: readonly Extent[],
    memory: Buffer,
  ): Promise<Answers> {
    const bytes = packed(extents, memory)
    const place = { disk: disk.index, offset: extents[0]?.offset ?? 0, length: bytes.length }
    const onSend = (): void => extents.forEach((extent) => disk.touch(extent))
    const request = await this.#runs.send(place, { type: 'scatter', bytes }, onSend)
    return request === undefined ? [] : [request.answered]
  }
}

/** Reads small extents into a buffer of the pool, near ones with one read; the bytes read. */
export async function readScattered(
  disk: TrackedDisk,
  extents: readonly Extent[],
  memory: Buffer,
): Promise<number> {
  const reads = placedReads(extents)
  const outcomes = await Promise.allSettled(
    reads.map(({ at, offset, length }) => disk.read(offset, memory.subarray(at, at + length))),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return reads.reduce((sum, { length }) => sum + length, 0)
}

interface PlacedRead extends Extent {
  /** Where in memory it is put. */
  readonly at: number
  readonly extents: readonly Extent[]
}

/** The same for the same extents, so that `packed` finds what `readScattered` has read. */
function placedReads(extents: readonly Extent[]): PlacedRead[] {
  const reads: PlacedRead[] = []
  const own = extents.reduce((sum, { length }) => sum + length, 0)
  let spare = DATA_BYTES_MAX - HEAD_BYTES - own
  for (const extent of extents) {
    const last = reads.at(-1)
    const gap = last === undefined ? Infinity : extent.offset - endOf(last)
    if (last !== undefined && gap <= Math.min(READ_GAP_BYTES_MAX, spare)) {
      spare -= gap
      const length = endOf(extent) - last.offset
      reads[reads.length - 1] = { ...last, length, extents: [...last.extents, extent] }
    } else {
      const at = last === undefined ? HEAD_BYTES : last.at + last.length
      reads.push({ ...extent, at, extents: [extent] })
    }
  }
  return reads
}

/** The content of the frame: moves the extents' bytes together, right after their table. */
function packed(extents: readonly Extent[], memory: Buffer): Buffer {
  const tableBytes = scatterTableBytes(extents.length)
  const from = HEAD_BYTES - tableBytes
  writeScatterTable(memory.subarray(from, HEAD_BYTES), extents[0]?.offset ?? 0, extents)
  let to = HEAD_BYTES
  for (const read of placedReads(extents)) {
    for (const { offset, length } of read.extents) {
      const at = read.at + offset - read.offset
      memory.copyWithin(to, at, at + length)
      to += length
    }
  }
  return memory.subarray(from, to)
}
