import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '@landfall/model'

/**
 * Calls `look` now, and again a pause after each call has ended. Disposing waits for the call under
 * way. `look` must not reject.
 */
export function repeat(look: () => Promise<void>, pauseMs: number): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await look()
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

/** Does what may fail without ending the rest, and does not say the same failure at every look. */
export class Attempts {
  readonly #log: (message: string) => void
  /** What last went wrong with each subject. */
  readonly #failures = new Map<string, string>()

  constructor(log: (message: string) => void) {
    this.#log = log
  }

  /** Does the work. `what` begins the message when it fails. */
  async try(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#failures.delete(what)
    } catch (error) {
      const failure = errorText(error)
      if (this.#failures.get(what) !== failure) this.#log(`${what}: ${failure}`)
      this.#failures.set(what, failure)
    }
  }
}
