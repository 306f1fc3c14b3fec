/** A range of bytes on a disk. */
export interface Extent {
  readonly offset: number
  readonly length: number
}

/** The first byte after the extent. */
export function endOf(extent: Extent): number {
  return extent.offset + extent.length
}

/** Whether the two share a byte. */
export function overlaps(one: Extent, other: Extent): boolean {
  return one.offset < endOf(other) && other.offset < endOf(one)
}
