import { LandfallError, MIB } from '@landfall/model'
import { DirtyMap } from '@landfall/block'
import type { TrackedDisk } from '../replication/tracked-disk.ts'

/**
 * Points whose later changes are followed; older ones can no longer be compared with the source.
 */
const POINTS_FOLLOWED_MAX = 16

/** What was written on the source since each of the latest points, in ranges of 1 MiB. */
export class PointChanges {
  readonly #points = new Map<string, Map<TrackedDisk, DirtyMap>>()

  /** Follows changes from now on. A point that is followed already keeps its older beginning. */
  follow(pointID: string, disks: readonly TrackedDisk[]): void {
    if (this.#points.has(pointID)) return
    this.restore(pointID, new Map(disks.map((disk) => [disk, new DirtyMap(disk.sizeBytes, MIB)])))
  }

  /** Goes on with maps an earlier run had. */
  restore(pointID: string, maps: Map<TrackedDisk, DirtyMap>): void {
    this.#points.set(pointID, maps)
    for (const [disk, map] of maps) disk.observers.add(map)
    for (const oldest of this.#points.keys()) {
      if (this.#points.size <= POINTS_FOLLOWED_MAX) break
      this.forget(oldest)
    }
  }

  forget(pointID: string): void {
    for (const [disk, map] of this.#points.get(pointID) ?? []) disk.observers.delete(map)
    this.#points.delete(pointID)
  }

  /** By disk; `conflict` when that is not known. */
  of(pointID: string): ReadonlyMap<TrackedDisk, DirtyMap> {
    const changes = this.#points.get(pointID)
    if (changes !== undefined) return changes
    const sentence =
      `What changed since point ${pointID} is not known: it is older than the last start of the ` +
      'agent, or than many other points. Verify the live replica, or make a new point'
    throw new LandfallError('conflict', sentence)
  }

  *[Symbol.iterator](): Generator<[string, ReadonlyMap<TrackedDisk, DirtyMap>]> {
    yield* this.#points
  }
}
