/** Lets loops sleep until there is news: a wake while nobody waits is kept for the next wait. */
export class Wakeup {
  #waiting = new Set<() => void>()
  #kept = false

  wake(): void {
    this.#kept = this.#waiting.size === 0
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** Returns at the next wake, after `timeoutMs`, or when the signal is aborted. Never throws. */
  async wait(options: { timeoutMs?: number; signal: AbortSignal }): Promise<void> {
    const { timeoutMs, signal } = options
    if (this.#kept || signal.aborted) {
      this.#kept = false
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const onAbort = () => resolve()
    signal.addEventListener('abort', onAbort)
    const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(resolve)
    }
  }
}

/** Returns after `timeoutMs`, or when the signal is aborted. Never throws. */
export async function pause(timeoutMs: number, signal: AbortSignal): Promise<void> {
  await new Wakeup().wait({ timeoutMs, signal })
}
