import { GRANULE_BYTES } from '@landfall/model'
import type { Extent } from '@landfall/block'

/**
 * Zeros shorter than this inside data stay data: they compress to nothing, and a frame and a write
 * on the volume for each would cost more.
 */
export const ZERO_RUN_BYTES_MIN = 65536

const ZEROS = Buffer.alloc(1024 * 1024)

/** A part of what was read: all zeros, or data. `offset` counts within the bytes. */
export interface Run extends Extent {
  readonly isZero: boolean
}

/** Cuts bytes into runs of data and long runs of zeros, in order and without a gap. */
export function zeroRuns(bytes: Buffer): Run[] {
  if (isZero(bytes, 0, bytes.length)) return [{ offset: 0, length: bytes.length, isZero: true }]
  const runs: Run[] = []
  let dataFrom = 0
  for (let at = 0; at < bytes.length;) {
    const zeroEnd = endOfZeros(bytes, at)
    if (zeroEnd - at >= ZERO_RUN_BYTES_MIN) {
      if (at > dataFrom) runs.push({ offset: dataFrom, length: at - dataFrom, isZero: false })
      runs.push({ offset: at, length: zeroEnd - at, isZero: true })
      dataFrom = zeroEnd
    }
    at = Math.max(zeroEnd, at + GRANULE_BYTES)
  }
  if (dataFrom < bytes.length) {
    runs.push({ offset: dataFrom, length: bytes.length - dataFrom, isZero: false })
  }
  return runs
}

function endOfZeros(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length) {
    const end = Math.min(at + GRANULE_BYTES, bytes.length)
    if (!isZero(bytes, at, end)) return at
    at = end
  }
  return at
}

function isZero(bytes: Buffer, from: number, end: number): boolean {
  // The first word decides nearly always, without a call into native code.
  if (bytes[from] !== 0) return false
  return bytes.compare(ZEROS, 0, end - from, from, end) === 0
}
