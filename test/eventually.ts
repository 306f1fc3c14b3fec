import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until there is an answer that is not undefined; an error counts as none. Fails, naming
 * `what`, after the time.
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
  pollMs = 250,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let reason: unknown
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      reason = error
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause: reason })
    }
    await sleep(pollMs)
  }
}
