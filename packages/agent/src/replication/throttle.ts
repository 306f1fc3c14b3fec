import { setTimeout as sleep } from 'node:timers/promises'

/** What may be sent at once after a pause, in milliseconds of the rate. */
const BURST_MS = 100
/** A change of the rate is noticed within this, however long the wait at the old one was. */
const STEP_MS = 500

/** Keeps bytes on the wire below a rate. */
export class Throttle {
  #bytesPerMs = 0
  #paidUntilMs = 0

  constructor(mbps: number) {
    this.set(mbps)
  }

  /** Megabits (10^6) per second; 0 is unlimited. */
  set(mbps: number): void {
    this.#bytesPerMs = (mbps * 1_000_000) / 8 / 1000
    this.#paidUntilMs = 0
  }

  /** Returns when so many bytes may be sent. Rejects when the signal is aborted. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytesPerMs === 0) return
    this.#paidUntilMs =
      Math.max(this.#paidUntilMs, performance.now() - BURST_MS) + bytes / this.#bytesPerMs
    const mine = this.#paidUntilMs
    for (;;) {
      const waitMs = Math.min(mine, this.#paidUntilMs) - performance.now()
      if (waitMs <= 0) return
      await sleep(Math.min(waitMs, STEP_MS), undefined, { signal })
    }
  }
}
