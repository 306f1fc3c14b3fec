import type { BlockEventFormat, PageFormat } from './event-format.ts'

/** Linux counts sectors of 512 bytes, whatever the disk's logical block is. */
const SECTOR_BYTES = 512

// include/linux/ring_buffer.h: the type of an entry, in its first five bits.
const TYPE_PADDING = 29
const TYPE_TIME_EXTEND = 30
const TYPE_TIME_STAMP = 31
const ENTRY_HEADER_BYTES = 4

// kernel/trace/ring_buffer.c: flags in the page's commit word.
const COMMIT_LENGTH_MASK = 0x3fff_ffff
const COMMIT_MISSED = 0x8000_0000

export type OnWrite = (deviceNumber: number, offset: number, length: number) => void

/**
 * Reads one page of a CPU's ring buffer and reports everything that changed a disk: writes,
 * discards, write-zeroes and whatever else is not plainly a read. Returns whether the kernel says
 * that events before this page were lost, or the page makes no sense, which is as bad.
 */
export function readRingPage(
  page: Buffer,
  format: { readonly page: PageFormat; readonly event: BlockEventFormat },
  onWrite: OnWrite,
): { readonly lost: boolean } {
  const { commitOffset, dataOffset } = format.page
  const commit = page.readUInt32LE(commitOffset)
  const lost = (commit & COMMIT_MISSED) !== 0
  const end = dataOffset + (commit & COMMIT_LENGTH_MASK)
  if (end > page.length) return { lost: true }
  for (let at = dataOffset; at + ENTRY_HEADER_BYTES <= end;) {
    const header = page.readUInt32LE(at)
    const type = header & 31
    if (type === TYPE_TIME_EXTEND || type === TYPE_TIME_STAMP) {
      at += 8
      continue
    }
    // A padding without a time difference fills the rest of the page.
    if (type === TYPE_PADDING && header >>> 5 === 0) break
    const isSized = type === 0 || type === TYPE_PADDING
    // The size word counts itself.
    const bodyBytes = isSized ? page.readUInt32LE(at + ENTRY_HEADER_BYTES) : type * 4
    const next = at + ENTRY_HEADER_BYTES + bodyBytes
    if (bodyBytes === 0 || next > end) return { lost: true }
    if (type !== TYPE_PADDING) {
      readRecord(page, at + ENTRY_HEADER_BYTES + (isSized ? 4 : 0), format.event, onWrite)
    }
    at = next
  }
  return { lost }
}

function readRecord(page: Buffer, at: number, event: BlockEventFormat, onWrite: OnWrite): void {
  if (page.readUInt16LE(at) !== event.id) return
  const sectors = page.readUInt32LE(at + event.sectors.offset)
  // A flush has no sectors.
  if (sectors === 0 || isRead(page, at + event.rwbs.offset)) return
  const sectorAt = at + event.sector.offset
  const sector = page.readUInt32LE(sectorAt) + page.readUInt32LE(sectorAt + 4) * 2 ** 32
  const deviceNumber = page.readUInt32LE(at + event.dev.offset)
  onWrite(deviceNumber, sector * SECTOR_BYTES, sectors * SECTOR_BYTES)
}

const LETTER_R = 0x52
const LETTER_F = 0x46

/**
 * kernel/trace/blktrace.c, blk_fill_rwbs: an F for a preflush, then the operation. Write-zeroes is
 * N on older kernels and W on newer ones, so that only R is taken for harmless.
 */
function isRead(page: Buffer, at: number): boolean {
  const first = page[at]
  return first === LETTER_R || (first === LETTER_F && page[at + 1] === LETTER_R)
}
