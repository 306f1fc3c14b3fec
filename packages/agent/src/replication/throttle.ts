import { setTimeout as sleep } from 'node:timers/promises'

/** What may be sent at once after a pause, in milliseconds of the rate. */
const BURST_MS = 100
/** No timer is finer. */
const TIMER_MS_MIN = 1
/** A change of the rate is noticed within this, however long the wait at the old one was. */
const STEP_MS = 500

export interface Clock {
  now(): number
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/**
 * Keeps bytes on the wire below a rate. Whoever sends draws a ticket over all bytes asked for
 * before and its own; the rate calls the tickets up. A change of the rate leaves the queue as it
 * is: what waited still waits its turn, at the new rate.
 */
export class Throttle {
  readonly #clock: Clock
  #mbps = 0
  /** All bytes asked for, ever, and those of them that may have left by `#atMs`. */
  #asked = 0
  #called = 0
  #atMs = 0

  constructor(mbps: number, clock: Clock = REAL_CLOCK) {
    this.#clock = clock
    this.#atMs = clock.now()
    this.#mbps = mbps
  }

  /** Megabits (10^6) per second; 0 is unlimited. */
  get mbps(): number {
    return this.#mbps
  }

  /** May be called with the same rate at any time. */
  set(mbps: number): void {
    this.#pass()
    this.#mbps = mbps
  }

  /** Returns when so many bytes may be sent. Rejects when the signal is aborted. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    this.#pass()
    this.#asked += bytes
    const ticket = this.#asked
    for (;;) {
      this.#pass()
      if (this.#mbps === 0 || this.#called >= ticket) return
      const waitMs = (ticket - this.#called) / this.#bytesPerMs
      await this.#clock.sleep(Math.max(TIMER_MS_MIN, Math.min(waitMs, STEP_MS)), signal)
    }
  }

  get #bytesPerMs(): number {
    return (this.#mbps * 1_000_000) / 8 / 1000
  }

  #pass(): void {
    const nowMs = this.#clock.now()
    const called = this.#called + (nowMs - this.#atMs) * this.#bytesPerMs
    const isLimited = this.#mbps > 0
    // Time in which nothing was asked for is lost, but for a burst.
    this.#called = isLimited
      ? Math.min(called, this.#asked + BURST_MS * this.#bytesPerMs)
      : this.#asked
    this.#atMs = nowMs
  }
}
