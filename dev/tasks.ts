import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '@landfall/model'
import type { Clock } from './clock.ts'

/** Work that takes its time: as long by the story's clock, or by the real one once it is now. */
export class Tasks implements AsyncDisposable {
  readonly #clock: Clock
  readonly #log: (message: string) => void
  readonly #stopping = new AbortController()
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(clock: Clock, log: (message: string) => void) {
    this.#clock = clock
    this.#log = log
  }

  /** Work that was begun and has not ended, by its keys. */
  get keys(): string[] {
    return [...this.#underWay.keys()]
  }

  /** Does the work after `ms`, unless one with the key is under way. The story waits for it. */
  async begin(key: string, ms: number, work: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(key)) return
    const { signal } = this.#stopping
    this.#clock.pass(ms)
    const pause = this.#clock.isTelling ? 0 : ms
    const run = sleep(pause, undefined, { signal })
      .then(work)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#log(`${key}: ${errorText(error)}`)
      })
      .finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, run)
    if (this.#clock.isTelling) await run
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#underWay.values())
  }
}
