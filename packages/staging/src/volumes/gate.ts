/**
 * Lets any number of shared operations run together and an exclusive one alone. First come, first
 * served: a shared operation that comes after an exclusive one waits for it.
 */
export class Gate {
  readonly #running = new Set<Promise<unknown>>()
  #lastExclusive: Promise<unknown> = Promise.resolve()

  /** Runs `operation` when no exclusive operation runs or waits. */
  shared<T>(operation: () => Promise<T>): Promise<T> {
    return this.#track(this.#lastExclusive.then(operation))
  }

  /** Runs `operation` after everything that was begun before, and before everything begun later. */
  exclusive<T>(operation: () => Promise<T>): Promise<T> {
    const before = Promise.allSettled(this.#running)
    const result = this.#track(before.then(operation))
    this.#lastExclusive = result.catch(() => undefined)
    return result
  }

  /** Resolves when everything begun before the call has ended, well or badly. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#running.add(promise)
    const done = (): void => void this.#running.delete(promise)
    promise.then(done, done)
    return promise
  }
}
