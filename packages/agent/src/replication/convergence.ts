import { MIB } from '@landfall/model'

/**
 * The backlog must have grown over so long: a burst that a faster line would have taken at once is
 * no reason for an alarm.
 */
const WINDOW_MS = 120_000
/**
 * Less growth than this share of what was written is none: flushes make the durable bytes come in
 * steps of a few seconds' worth.
 */
const GROWTH_SHARE_MIN = 0.05

/** Bytes per second over the window; their difference is what the backlog grew by. */
export interface Divergence {
  readonly seconds: number
  readonly dirtiedRate: number
  readonly durableRate: number
}

interface Look {
  readonly atMs: number
  readonly backlogBytes: number
  readonly dirtiedBytes: number
  /** Since the replica last equalled the source. */
  readonly lagSeconds: number
}

/** Finds out whether writes on the source outrun replication, by the arithmetic of both. */
export class ConvergenceMeter {
  #looks: Look[] = []

  /**
   * To be called about once a second while data flows. `backlogBytes`: all that waits to be made
   * durable; `dirtiedBytes`: what writes have added to that since the start.
   */
  sample(look: Look): void {
    this.#looks.push(look)
    while ((this.#looks[1]?.atMs ?? Infinity) <= look.atMs - WINDOW_MS) this.#looks.shift()
  }

  /** Data does not flow: what was counted says nothing about the speed. */
  reset(): void {
    this.#looks = []
  }

  /** Undefined unless the backlog grew over a whole window, and by writes alone. */
  divergence(): Divergence | undefined {
    const first = this.#looks[0]
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined) return undefined
    const ms = last.atMs - first.atMs
    if (ms < WINDOW_MS) return undefined
    // It caught up within the window: whatever waits now is of the last seconds.
    if (last.lagSeconds * 1000 < ms) return undefined
    const growth = last.backlogBytes - first.backlogBytes
    const dirtied = last.dirtiedBytes - first.dirtiedBytes
    // A rescan that began adds to the backlog what nobody wrote: that proves nothing.
    if (growth <= dirtied * GROWTH_SHARE_MIN || growth > dirtied) return undefined
    return {
      seconds: Math.round(ms / 1000),
      dirtiedRate: (dirtied * 1000) / ms,
      durableRate: ((dirtied - growth) * 1000) / ms,
    }
  }
}

/** The proof, for a person. */
export function describeDivergence({ seconds, dirtiedRate, durableRate }: Divergence): string {
  const rate = (bytes: number): string => `${(bytes / MIB).toFixed(2)} MiB/s`
  return (
    `For ${seconds} seconds writes on the source changed ${rate(dirtiedRate)} and ` +
    `${rate(durableRate)} became durable in the replica: the backlog grows by ` +
    `${rate(dirtiedRate - durableRate)}.`
  )
}
