import { pause } from '../running/wakeup.ts'
import { ServiceCallError } from '../service-client/transport-failure.ts'

/** Between calls that fail. */
export interface Pauses {
  readonly minMs: number
  readonly maxMs: number
}

/** An instance whose service is away for good costs its owner nothing. */
export const PAUSES: Pauses = { minMs: 1000, maxMs: 300_000 }

/** Of the time since the first failure: what was away briefly is found again soon. */
const PAUSE_SHARE = 0.5

/**
 * How often a service that answers "no" is asked again: it may not know the instance yet in its
 * first moments, but a discarded instance must not ask for ever.
 */
const REFUSALS_MAX = 20

/** How long to wait between calls to a service that fail, and when to leave it alone. */
export class Patience {
  readonly #pauses: Pauses
  #failingSinceMs: number | undefined
  #refusals = 0

  constructor(pauses: Pauses = PAUSES) {
    this.#pauses = pauses
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
    const { minMs, maxMs } = this.#pauses
    await pause(Math.min(Math.max(shareMs, minMs), maxMs), signal)
    return true
  }
}

function isRefusal(error: unknown): boolean {
  const status = error instanceof ServiceCallError ? error.status : undefined
  return status !== undefined && status >= 400 && status < 500 && status !== 429
}
