import { DATA_BYTES_MAX } from '@landfall/wire'
import { endOf, overlaps, type Extent } from '@landfall/block'

/**
 * The extents of one disk that were read and whose write is not yet acknowledged. Filed by regions
 * of the longest extent, so that an overlap is found without looking at all of them.
 */
export class InFlight {
  #regions = new Map<number, Extent[]>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  add(extent: Extent): void {
    this.#bytes += extent.length
    for (const region of regionsOf(extent)) {
      const filed = this.#regions.get(region)
      if (filed === undefined) this.#regions.set(region, [extent])
      else filed.push(extent)
    }
  }

  /** `extent` must be the very object that was added. */
  remove(extent: Extent): void {
    this.#bytes -= extent.length
    for (const region of regionsOf(extent)) {
      const rest = this.#regions.get(region)?.filter((other) => other !== extent) ?? []
      if (rest.length === 0) this.#regions.delete(region)
      else this.#regions.set(region, rest)
    }
  }

  touches(extent: Extent): boolean {
    return this.firstOverlap(extent) !== undefined
  }

  /** Of the extents in flight that overlap this one, the first on the disk. */
  firstOverlap(extent: Extent): Extent | undefined {
    let first: Extent | undefined
    for (const region of regionsOf(extent)) {
      for (const other of this.#regions.get(region) ?? []) {
        if (overlaps(other, extent) && (first === undefined || other.offset < first.offset)) {
          first = other
        }
      }
      if (first !== undefined) return first
    }
    return first
  }
}

function regionsOf(extent: Extent): number[] {
  const first = Math.floor(extent.offset / DATA_BYTES_MAX)
  const last = Math.floor((endOf(extent) - 1) / DATA_BYTES_MAX)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
