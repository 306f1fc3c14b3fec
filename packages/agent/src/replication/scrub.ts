import { errorText, SCRUB_BYTES_PER_SECOND, type ScrubReport } from '@landfall/model'
import type { Extent } from '@landfall/block'
import type { RangeComparer } from './range-comparer.ts'
import { DiskScrub } from './scrub-disk.ts'
import { REAL_CLOCK, Throttle, type Clock } from './throttle.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** A range that is dirty or written at so many looks is given up for this pass, as changing. */
const SWEEPS_MAX = 20
/** Between two sweeps over what is left of a pass: what was dirty has arrived then. */
const SWEEP_PAUSE_MS = 5000
/** Between two looks whether there is anything to do. */
const IDLE_PAUSE_MS = 1000

export interface ScrubOptions {
  readonly disks: readonly TrackedDisk[]
  readonly bytesPerSecond: number | undefined
  /** Undefined while ranges are not to be compared. */
  readonly comparer: () => Pick<RangeComparer, 'isEqual'> | undefined
  /** Hears of every write that completed before it returns. */
  readonly drain: () => void
  /** A range that nobody wrote differs: it has to be sent again. */
  readonly onMismatch: (disk: TrackedDisk, range: Extent) => void
  readonly log: (message: string) => void
  readonly clock?: Clock
}

/** A pass: what a state file keeps of it, besides a map for each disk. */
export interface SavedPass {
  readonly startedAt: string
  readonly sweeps: number
  readonly lastPass?: ScrubReport['lastPass']
}

/**
 * Compares source and replica range by range, pass after pass, so slowly that nobody notices. What
 * changes just then is taken up again later in the pass.
 */
export class Scrub {
  readonly #options: ScrubOptions
  readonly #clock: Clock
  readonly #throttle: Throttle
  readonly #disks: readonly DiskScrub[]
  #bytesPerSecond = 0
  #startedAt = new Date().toISOString()
  #lastPass: ScrubReport['lastPass']
  /** Ended ones of the present pass, and how far the present sweep is. */
  #sweeps = 0
  #at = { disk: 0, offset: 0 }
  #failure = ''

  constructor(options: ScrubOptions) {
    this.#options = options
    this.#clock = options.clock ?? REAL_CLOCK
    this.#throttle = new Throttle(0, this.#clock)
    this.#disks = options.disks.map((disk) => new DiskScrub(disk))
    this.setRate(options.bytesPerSecond)
  }

  /** 0: nothing is compared. Undefined: the default. */
  setRate(bytesPerSecond: number = SCRUB_BYTES_PER_SECOND): void {
    this.#bytesPerSecond = bytesPerSecond
    this.#throttle.set((bytesPerSecond * 8) / 1_000_000)
  }

  /** Until the signal is aborted; then returns when no comparison is under way. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const pauseMs = await this.#step(signal)
        if (pauseMs > 0) await this.#clock.sleep(pauseMs, signal)
      } catch (error) {
        if (signal.aborted) return
        this.#failed(error)
        // The range is taken up again by the next sweep.
        await this.#clock.sleep(IDLE_PAUSE_MS, signal).catch(() => undefined)
      }
    }
  }

  /** A verification found a range of the replica different, and has it sent again. */
  foundDifferent(disk: TrackedDisk, range: Extent): void {
    this.#disks[disk.index]?.foundDifferent(range)
  }

  report(): ScrubReport {
    this.#notice()
    return {
      bytesPerSecond: this.#bytesPerSecond,
      startedAt: this.#startedAt,
      disks: this.#disks.map((disk) => disk.report()),
      ...(this.#lastPass === undefined ? {} : { lastPass: this.#lastPass }),
    }
  }

  /** What is known of these disks, for a state file. */
  save(disks: readonly TrackedDisk[]): {
    readonly pass: SavedPass
    readonly maps: readonly Uint8Array[]
  } {
    this.#notice()
    const pass = {
      startedAt: this.#startedAt,
      sweeps: this.#sweeps,
      ...(this.#lastPass === undefined ? {} : { lastPass: this.#lastPass }),
    }
    const kept = disks.flatMap((disk) => this.#disks[disk.index] ?? [])
    return { pass, maps: kept.flatMap((disk) => disk.snapshot()) }
  }

  /**
   * Goes on where an earlier run was; `maps` yields what `save` gave for `disks`, those that are
   * not the same any more undefined. Without all of them no pass has covered everything.
   */
  restore(
    { startedAt, sweeps, lastPass }: SavedPass,
    disks: readonly (TrackedDisk | undefined)[],
    maps: Iterator<Uint8Array>,
  ): void {
    const next = (): Uint8Array => maps.next().value as Uint8Array
    for (const disk of disks) {
      const [pending, defects] = [next(), next()]
      if (disk !== undefined) this.#disks[disk.index]?.restore(pending, defects)
    }
    this.#startedAt = startedAt
    this.#sweeps = sweeps
    if (this.#disks.every(({ disk }) => disks.includes(disk))) this.#lastPass = lastPass
  }

  /** Compares one range, and says for how long to rest after. */
  async #step(signal: AbortSignal): Promise<number> {
    const { comparer: comparerNow, drain, onMismatch } = this.#options
    this.#notice()
    if (!this.#mayCompare()) return IDLE_PAUSE_MS
    const next = this.#next()
    if (next === undefined) return this.#endSweep()
    const { scrub, range } = next
    await this.#throttle.take(range.length, signal)
    const comparer = comparerNow()
    if (comparer === undefined || !this.#mayCompare()) return IDLE_PAUSE_MS
    const finding = await scrub.look(range, { comparer, drain, signal })
    scrub.judge(range, finding)
    if (finding === 'different') onMismatch(scrub.disk, range)
    this.#failure = ''
    return 0
  }

  #mayCompare(): boolean {
    return this.#bytesPerSecond > 0 && this.#options.comparer() !== undefined
  }

  #next(): { readonly scrub: DiskScrub; readonly range: Extent } | undefined {
    for (const scrub of this.#disks) {
      const range = scrub.nextRecheck()
      if (range !== undefined) return { scrub, range }
    }
    for (;;) {
      const scrub = this.#disks[this.#at.disk]
      const range = scrub?.next(this.#at.offset)
      if (scrub === undefined) return undefined
      if (range !== undefined) {
        this.#at = { disk: this.#at.disk, offset: range.offset + range.length }
        return { scrub, range }
      }
      this.#at = { disk: this.#at.disk + 1, offset: 0 }
    }
  }

  #endSweep(): number {
    this.#sweeps += 1
    this.#at = { disk: 0, offset: 0 }
    if (this.#sweeps >= SWEEPS_MAX) this.#endPass(this.#pendingBytes())
    return SWEEP_PAUSE_MS
  }

  #endPass(changingBytes: number): void {
    const endedAt = new Date().toISOString()
    this.#lastPass = { startedAt: this.#startedAt, endedAt, changingBytes }
    this.#beginPass()
  }

  #beginPass(): void {
    this.#startedAt = new Date().toISOString()
    this.#sweeps = 0
    this.#at = { disk: 0, offset: 0 }
    for (const disk of this.#disks) disk.beginPass()
  }

  #notice(): void {
    // Each of them is to take notice.
    const isVoid = this.#disks.map((disk) => disk.notice()).includes(true)
    if (isVoid) {
      this.#lastPass = undefined
      this.#beginPass()
    } else if (this.#pendingBytes() === 0) this.#endPass(0)
  }

  #pendingBytes(): number {
    return this.#disks.reduce((sum, disk) => sum + disk.pendingBytes, 0)
  }

  #failed(error: unknown): void {
    const failure = errorText(error)
    if (failure !== this.#failure) this.#options.log(`The scrub waits: ${failure}`)
    this.#failure = failure
  }
}
