import { MIB } from '@landfall/model'
import { DirtyMap, type Extent } from '@landfall/block'
import { pause } from '../running/wakeup.ts'
import type { RangeComparer } from './range-comparer.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/**
 * A difference is looked at again after this. The disk shows what is written to it a moment before
 * the kernel says that the write has completed: that looks like a difference nobody made.
 */
const CONFIRM_MS = 250

/** What one look at a range found. `unsettled`: nothing can be said now. */
export type Finding = 'equal' | 'different' | 'unsettled'

/** Listens for writes to a disk, so that a look at a range knows whether it was quiet. */
export class QuietComparison implements Disposable {
  readonly #disk: TrackedDisk
  readonly #written: DirtyMap

  constructor(disk: TrackedDisk) {
    this.#disk = disk
    this.#written = new DirtyMap(disk.sizeBytes, MIB)
    disk.observers.add(this.#written)
  }

  [Symbol.dispose](): void {
    this.#disk.observers.delete(this.#written)
  }

  /**
   * Compares a range once, and again before it calls it different. Only a range that is neither
   * dirty nor in flight, and not written while it is looked at, is judged. Throws what reading,
   * asking or aborting throws.
   */
  async look(range: Extent, how: LookOptions): Promise<Finding> {
    const { comparer, drain, point, signal } = how
    if (!this.#isSettled(range, point)) return 'unsettled'
    this.#written.remove(range)
    for (let looks = 0; looks < 2; looks++) {
      if (looks > 0) await pause(CONFIRM_MS, signal)
      signal.throwIfAborted()
      if (await comparer.isEqual(this.#disk, range, point?.pointID)) return 'equal'
      drain()
      if (this.#written.touches(range) || !this.#isSettled(range, point)) return 'unsettled'
    }
    return 'different'
  }

  /** A point does not change by what is sent; what was written since is no part of it. */
  #isSettled(range: Extent, point: LookOptions['point']): boolean {
    return !(point === undefined ? this.#disk.isUnsettled(range) : point.changes?.touches(range))
  }
}

interface LookOptions {
  readonly comparer: Pick<RangeComparer, 'isEqual'>
  /** Hears of every write that completed before it returns. */
  readonly drain: () => void
  readonly signal: AbortSignal
  /** Compare with this point; without, with the live replica. */
  readonly point?: { readonly pointID: string; readonly changes: DirtyMap | undefined }
}
