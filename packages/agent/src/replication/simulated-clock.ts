import type { Clock } from './throttle.ts'

/** For tests: time that passes only while everybody sleeps; timers are late, as real ones are. */
export class SimulatedClock implements Clock {
  ms = 0
  readonly #lateMs: number
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = []

  constructor(lateMs = 0) {
    this.#lateMs = lateMs
  }

  now(): number {
    return this.ms
  }

  async sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#sleepers.push({ atMs: this.ms + ms + this.#lateMs, wake: resolve })
    await promise
  }

  /** Lets time pass up to `untilMs`, one sleeper after the other. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      // Everything that can go on now does, before time passes.
      await new Promise(setImmediate)
      const [next] = this.#sleepers.toSorted((one, other) => one.atMs - other.atMs)
      if (next === undefined || next.atMs > untilMs) break
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
      this.ms = Math.max(this.ms, next.atMs)
      next.wake()
    }
    this.ms = untilMs
  }
}
