export interface WaitOptions {
  readonly timeoutMs: number
  /** Looks again this often even if nobody rang: what was written by another process. */
  readonly recheckMs: number
  readonly signal: AbortSignal
}

/**
 * Wakes those in this process who wait for something in the database. A ring says only "look
 * again", so a lost or needless one does no harm. Ring after the transaction, not in it.
 */
export class Notifier {
  readonly #sleepers = new Map<string, Set<() => void>>()

  notify(...keys: readonly string[]): void {
    for (const key of keys) {
      for (const wake of this.#sleepers.get(key) ?? []) wake()
    }
  }

  /**
   * Calls `look` until it gives something, and returns that; undefined after the time is up.
   * Throws the signal's reason when it aborts.
   */
  async until<T>(
    key: string,
    look: () => Promise<T | undefined>,
    options: WaitOptions,
  ): Promise<T | undefined> {
    const deadline = performance.now() + options.timeoutMs
    for (;;) {
      options.signal.throwIfAborted()
      // Subscribed before looking, so that a ring in between is not missed.
      using bell = this.#subscribe(key)
      const found = await look()
      if (found !== undefined) return found
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return undefined
      await bell.rung(Math.min(leftMs, options.recheckMs), options.signal)
    }
  }

  #subscribe(key: string) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const sleepers = this.#sleepers.get(key) ?? new Set()
    this.#sleepers.set(key, sleepers.add(resolve))
    return {
      rung: (timeoutMs: number, signal: AbortSignal) => rungOrTime(promise, timeoutMs, signal),
      [Symbol.dispose]: () => {
        sleepers.delete(resolve)
        if (sleepers.size === 0 && this.#sleepers.get(key) === sleepers) this.#sleepers.delete(key)
      },
    }
  }
}

/** Keys: one agent's commands and settings; all of the staging area's; one command's outcome. */
export const agentKey = (sourceServerID: string) => `agent ${sourceServerID}`
export const STAGING_KEY = 'staging'
export const commandKey = (commandID: string) => `command ${commandID}`
export const instanceKey = (instanceID: string) => `instance ${instanceID}`
export const pointKey = (pointID: string) => `point ${pointID}`

async function rungOrTime(rung: Promise<void>, timeoutMs: number, signal: AbortSignal) {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  const onAbort = () => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([rung, promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
