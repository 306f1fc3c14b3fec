import { REPLICATION_STAGES, type StageLoad } from '@landfall/model'

/** Utilisation and rates are of the last so many milliseconds: a few flushes and their pauses. */
export const WINDOW_MS = 5000

/** What is measured: the stages, and of the wire's time that in which our own throttle waits. */
const ACTIVITIES = [...REPLICATION_STAGES, 'throttle'] as const

export type Activity = (typeof ACTIVITIES)[number]

/** Everything since the start, so that any two looks give what was between them. */
interface Sum {
  readonly busyMs: number
  readonly bytes: number
}

interface Look {
  readonly atMs: number
  readonly sums: Readonly<Record<Activity, Sum>>
}

/** One activity: how much of it is under way, and for how long it was. */
class Gauge {
  bytes = 0
  #busyMs = 0
  #share = 0
  #open = 0
  #atMs: number

  constructor(nowMs: number) {
    this.#atMs = nowMs
  }

  change(nowMs: number, share: number): void {
    this.#pass(nowMs)
    this.#open += Math.sign(share)
    // With nothing under way the share is none, whatever the rounding of the sums before.
    this.#share = this.#open === 0 ? 0 : this.#share + share
  }

  sum(nowMs: number): Sum {
    this.#pass(nowMs)
    return { busyMs: this.#busyMs, bytes: this.bytes }
  }

  #pass(nowMs: number): void {
    this.#busyMs += Math.min(1, this.#share) * (nowMs - this.#atMs)
    this.#atMs = nowMs
  }
}

/**
 * Measures how busy each stage is. A stage is busy to the share of its capacity that is taken: one
 * of six reads at once is a sixth. What is still under way counts as much as what has ended, so
 * that a stage in which everything is stuck is seen as busy and not as idle.
 */
export class StageMeter {
  readonly #now: () => number
  readonly #gauges: Readonly<Record<Activity, Gauge>>
  readonly #looks: Look[] = []

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    const nowMs = now()
    this.#gauges = forEach(() => new Gauge(nowMs))
    this.sample()
  }

  /**
   * Something begins that takes `share` of the activity's capacity, 0 to 1. To be ended once, with
   * the bytes that passed.
   */
  begin(activity: Activity, share: number): (bytes: number) => void {
    const gauge = this.#gauges[activity]
    gauge.change(this.#now(), share)
    return (bytes) => {
      gauge.change(this.#now(), -share)
      gauge.bytes += bytes
    }
  }

  /** Bytes passed, the time of which is measured otherwise. */
  add(activity: Activity, bytes: number): void {
    this.#gauges[activity].bytes += bytes
  }

  /** To be called about once a second: the window moves in these steps. */
  sample(): void {
    const look = this.#look()
    this.#looks.push(look)
    // The newest that is a window old, or older, begins the window; those before it are not needed.
    while ((this.#looks[1]?.atMs ?? Infinity) <= look.atMs - WINDOW_MS) this.#looks.shift()
  }

  /** Of each stage, over the window up to now. */
  loads(): StageLoad[] {
    return REPLICATION_STAGES.map((stage) => {
      const { busy, bytesPerSecond } = this.#since(stage)
      return { stage, bytesPerSecond: Math.round(bytesPerSecond), utilisation: busy }
    })
  }

  /** Share of the time in which the throttle held something back, over the window up to now. */
  throttled(): number {
    return this.#since('throttle').busy
  }

  #since(activity: Activity): { busy: number; bytesPerSecond: number } {
    const now = this.#look()
    const first = this.#looks[0] ?? now
    const ms = now.atMs - first.atMs
    if (ms <= 0) return { busy: 0, bytesPerSecond: 0 }
    const before = first.sums[activity]
    const sum = now.sums[activity]
    const busy = Math.min(1, (sum.busyMs - before.busyMs) / ms)
    return { busy, bytesPerSecond: ((sum.bytes - before.bytes) * 1000) / ms }
  }

  #look(): Look {
    const atMs = this.#now()
    return { atMs, sums: forEach((activity) => this.#gauges[activity].sum(atMs)) }
  }
}

function forEach<T>(make: (activity: Activity) => T): Record<Activity, T> {
  return Object.fromEntries(ACTIVITIES.map((activity) => [activity, make(activity)])) as Record<
    Activity,
    T
  >
}
