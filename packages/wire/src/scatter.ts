import { LandfallError } from '@landfall/model'
import type { Frame } from './frame.ts'
import { SCATTER_RANGES_MAX } from './limits.ts'

/** Offsets in a scatter frame count in these: the smallest sector there is. */
const SECTOR_BYTES = 512
const COUNT_BYTES = 4
const ENTRY_BYTES = 8

/** One of the ranges of a scatter frame, with what is to be written there. */
export interface ScatterRange {
  /** On the disk. */
  readonly offset: number
  readonly data: Uint8Array
}

/**
 * Bytes of the table that begins the content of a scatter frame of so many ranges:
 *
 *     0        u32  number of ranges, 1 to `SCATTER_RANGES_MAX`
 *     4 + 8·n  u32  where range n begins, in sectors of 512 bytes after the frame's offset
 *     8 + 8·n  u32  its length in bytes
 *
 * The bytes of the ranges follow, without gaps. Ranges rise and do not overlap.
 */
export function scatterTableBytes(count: number): number {
  return COUNT_BYTES + count * ENTRY_BYTES
}

/** Writes the table; `base` is the frame's offset, from which no range is further than 2 TiB. */
export function writeScatterTable(
  table: Buffer,
  base: number,
  ranges: readonly { readonly offset: number; readonly length: number }[],
): void {
  table.writeUInt32BE(ranges.length, 0)
  for (const [index, { offset, length }] of ranges.entries()) {
    const at = COUNT_BYTES + index * ENTRY_BYTES
    table.writeUInt32BE((offset - base) / SECTOR_BYTES, at)
    table.writeUInt32BE(length, at + 4)
  }
}

/**
 * The ranges of a scatter frame, views of its content as `dataPayload` gives it. A `validation`
 * error when table and content do not fit; whether a range is inside the disk is for the caller.
 */
export function scatterRanges(of: Frame, content: Uint8Array): ScatterRange[] {
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const count = content.length < COUNT_BYTES ? 0 : view.getUint32(0)
  if (count === 0 || count > SCATTER_RANGES_MAX) throw badScatter(of, `holds ${count} ranges`)
  let dataAt = scatterTableBytes(count)
  if (content.length < dataAt) throw badScatter(of, 'is shorter than its table')
  const ranges: ScatterRange[] = []
  let endBefore = 0
  for (let index = 0; index < count; index++) {
    const at = COUNT_BYTES + index * ENTRY_BYTES
    const offset = of.offset + view.getUint32(at) * SECTOR_BYTES
    const length = view.getUint32(at + 4)
    if (length === 0 || offset < endBefore) throw badScatter(of, 'has ranges out of order')
    if (dataAt + length > content.length) throw badScatter(of, 'is shorter than its ranges')
    ranges.push({ offset, data: content.subarray(dataAt, dataAt + length) })
    dataAt += length
    endBefore = offset + length
  }
  if (dataAt !== content.length) throw badScatter(of, 'is longer than its ranges')
  return ranges
}

function badScatter(of: Frame, what: string): LandfallError {
  const where = `scatter for disk ${of.disk} at byte ${of.offset}`
  return new LandfallError('validation', `Bad replication frame: ${where} ${what}`)
}
