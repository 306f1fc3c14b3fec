/**
 * The service's clock. While the past is told it stands where the story is; then it is the real
 * one.
 */
export class Clock {
  #toldAt: number | undefined
  readonly #startedAt = Date.now()

  readonly now = (): Date => new Date(this.#toldAt ?? Date.now())

  get isTelling(): boolean {
    return this.#toldAt !== undefined
  }

  /** Stands so long before the start of the program, unless it is later already. */
  goTo(agoMs: number): void {
    this.#toldAt = Math.max(this.#startedAt - agoMs, this.#toldAt ?? 0)
  }

  /** Goes on by so much of the story, but never past the real time. */
  pass(ms: number): void {
    if (this.#toldAt !== undefined) this.#toldAt = Math.min(this.#toldAt + ms, Date.now())
  }

  /** From here on it is now. */
  catchUp(): void {
    this.#toldAt = undefined
  }
}
