import { createHash } from 'node:crypto'

/** Pseudo-random numbers that are the same for the same seed, so that a failure can be repeated. */
export class Random {
  #state: number

  /** `purpose` keeps what is drawn for one thing from changing what is drawn for another. */
  constructor(seed: number, purpose: string) {
    this.#state = createHash('sha256').update(`${seed} ${purpose}`).digest().readUInt32LE()
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    // Mulberry32: 32 bits of state are plenty for a few moments.
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }

  /** The values in another order. */
  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.below(2 ** 31) }))
      .toSorted((one, other) => one.at - other.at)
      .map(({ value }) => value)
  }
}
