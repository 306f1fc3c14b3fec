import { pause } from '../running/wakeup.ts'
import { ServiceCallError } from '../service-client/transport-failure.ts'

const PAUSE_MS_MIN = 1000
/** An instance whose service is away for good costs its owner nothing. */
const PAUSE_MS_MAX = 300_000

/** Of the time since the first failure: what was away briefly is found again soon. */
const PAUSE_SHARE = 0.25

/**
 * How often a service that answers "no" is asked again: it may not know the instance yet in its
 * first moments, but a discarded instance must not ask for ever.
 */
const REFUSALS_MAX = 20

/** How long to wait between calls to a service that fail, and when to leave it alone. */
export class Patience {
  readonly #pauseMsMin: number
  #failingSinceMs: number | undefined
  #refusals = 0

  constructor(options: { readonly pauseMsMin?: number } = {}) {
    this.#pauseMsMin = options.pauseMsMin ?? PAUSE_MS_MIN
  }

  succeeded(): void {
    this.#failingSinceMs = undefined
    this.#refusals = 0
  }

  /** Waits for the next attempt, or the signal; false: the service has refused often enough. */
  async again(error: unknown, signal: AbortSignal): Promise<boolean> {
    const nowMs = performance.now()
    this.#failingSinceMs ??= nowMs
    if (isRefusal(error)) this.#refusals += 1
    if (this.#refusals >= REFUSALS_MAX) return false
    const shareMs = (nowMs - this.#failingSinceMs) * PAUSE_SHARE
    await pause(Math.min(Math.max(shareMs, this.#pauseMsMin), PAUSE_MS_MAX), signal)
    return true
  }
}

function isRefusal(error: unknown): boolean {
  const status = error instanceof ServiceCallError ? error.status : undefined
  return status !== undefined && status >= 400 && status < 500 && status !== 429
}
