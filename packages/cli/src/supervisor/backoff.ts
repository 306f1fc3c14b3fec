/** First wait after a crash, and what doubling it leads to. */
const FIRST_WAIT_MS = 500
const WAIT_MAX_MS = 15_000
/** A process that ran this long was healthy: its next crash starts a new count. */
const HEALTHY_AFTER_MS = 60_000
/** About a minute of trying: then something is wrong that starting again does not cure. */
const CRASHES_MAX = 8

/** Decides how long to wait before a crashed process is started again. */
export class Backoff {
  readonly #firstWaitMs: number
  #crashes = 0

  constructor(firstWaitMs: number = FIRST_WAIT_MS) {
    this.#firstWaitMs = firstWaitMs
  }

  /** Milliseconds to wait after it was killed: somebody else's doing, and no reason to give up. */
  killed(): number {
    return this.#firstWaitMs
  }

  /** Milliseconds to wait after a crash, or undefined when it is time to give up. */
  crashed(ranMs: number): number | undefined {
    this.#crashes = ranMs >= HEALTHY_AFTER_MS ? 1 : this.#crashes + 1
    if (this.#crashes > CRASHES_MAX) return undefined
    return Math.min(WAIT_MAX_MS, this.#firstWaitMs * 2 ** (this.#crashes - 1))
  }
}
