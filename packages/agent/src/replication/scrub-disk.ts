import { MIB, type ScrubReport } from '@landfall/model'
import { DirtyMap, endOf, type Extent } from '@landfall/block'
import { QuietComparison, type Finding } from './quiet-comparison.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** Compared by one hash: what of a quiet disk is sent again on a difference, at most. */
export const SCRUB_RANGE_BYTES = MIB

/** What of one disk the present pass of the scrub has still to find equal. */
export class DiskScrub {
  readonly disk: TrackedDisk
  #quiet: QuietComparison
  #pending: DirtyMap
  /** Different at the last look. */
  #defects: DirtyMap
  /** Those of them that are looked at again as soon as they have been sent again. */
  #rechecks: DirtyMap
  #initialSyncs: number
  #rescans: number

  constructor(disk: TrackedDisk) {
    const map = (): DirtyMap => new DirtyMap(disk.sizeBytes, SCRUB_RANGE_BYTES)
    this.disk = disk
    this.#quiet = new QuietComparison(disk)
    this.#pending = map()
    this.#defects = map()
    this.#rechecks = map()
    this.#initialSyncs = disk.initialSyncsBegun
    this.#rescans = disk.rescansEnded
    this.beginPass()
  }

  get pendingBytes(): number {
    return this.#pending.dirtyBytes
  }

  get look(): QuietComparison['look'] {
    return (range, how) => this.#quiet.look(range, how)
  }

  beginPass(): void {
    this.#pending.addAll()
  }

  /** Takes in what replication did by itself; true when all that was known is void. */
  notice(): boolean {
    const { initialSyncsBegun, rescansEnded } = this.disk
    const isVoid = initialSyncsBegun > this.#initialSyncs
    // A rescan has compared everything, and what differed is sent again.
    if (rescansEnded > this.#rescans) this.#pending.clear()
    this.#initialSyncs = initialSyncsBegun
    this.#rescans = rescansEnded
    if (isVoid) {
      this.#defects.clear()
      this.#rechecks.clear()
    }
    this.#growWith(this.disk.sizeBytes)
    return isVoid
  }

  /** What was sent again after a difference, once it has arrived. */
  nextRecheck(): Extent | undefined {
    const range = this.#rechecks.find(0, SCRUB_RANGE_BYTES)
    return range === undefined || this.disk.isUnsettled(range) ? undefined : range
  }

  /** The first range from there on that is pending, and neither dirty nor in flight. */
  next(fromOffset: number): Extent | undefined {
    for (let from = fromOffset; ;) {
      const range = this.#pending.find(from, SCRUB_RANGE_BYTES)
      if (range === undefined || !this.disk.isUnsettled(range)) return range
      from = endOf(range)
    }
  }

  judge(range: Extent, finding: Finding): void {
    if (finding === 'unsettled') return
    const isRecheck = this.#rechecks.touches(range)
    this.#pending.remove(range)
    this.#rechecks.remove(range)
    if (finding === 'equal') this.#defects.remove(range)
    else this.#defects.add(range)
    // What differs again after it was sent again waits for the next pass.
    if (finding === 'different' && !isRecheck) this.#rechecks.add(range)
  }

  /** Something else found a difference, and has it sent again. */
  foundDifferent(range: Extent): void {
    this.#defects.add(range)
    this.#rechecks.add(range)
  }

  report(): ScrubReport['disks'][number] {
    const { deviceName, sizeBytes } = this.disk
    return {
      deviceName,
      totalBytes: sizeBytes,
      verifiedBytes: sizeBytes - this.#pending.dirtyBytes,
      unrepairedBytes: this.#defects.dirtyBytes,
    }
  }

  snapshot(): readonly Uint8Array[] {
    return [this.#pending.snapshot(), this.#defects.snapshot()]
  }

  restore(pending: Uint8Array, defects: Uint8Array): void {
    this.#pending.clear()
    this.#pending.restore(pending)
    this.#defects.restore(defects)
    this.#rechecks.restore(defects)
  }

  /** New space is pending: that its replica begins as zeros is no proof. */
  #growWith(sizeBytes: number): void {
    const before = this.#pending.sizeBytes
    if (sizeBytes === before) return
    this.#quiet[Symbol.dispose]()
    this.#quiet = new QuietComparison(this.disk)
    this.#pending = this.#pending.enlarged(sizeBytes)
    this.#pending.add({ offset: before, length: sizeBytes - before })
    this.#defects = this.#defects.enlarged(sizeBytes)
    this.#rechecks = this.#rechecks.enlarged(sizeBytes)
  }
}
