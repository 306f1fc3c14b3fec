/** Bounds what is under way by its cost in bytes. One cost larger than the bound passes alone. */
export class ByteWindow {
  readonly #bytesMax: number
  #bytes = 0
  #wake: (() => void) | undefined

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** For one waiter at a time: resolves when there is room, and takes it. */
  async take(bytes: number): Promise<void> {
    while (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#bytes -= bytes
    this.#wake?.()
    this.#wake = undefined
  }
}
