/** Bytes of a stream, taken as they are needed. */
export class ByteQueue {
  readonly #pieces: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  /** Bytes taken or skipped so far. */
  position = 0

  constructor(source: AsyncIterable<Buffer>) {
    this.#pieces = source[Symbol.asyncIterator]()
  }

  /** The next bytes, which stay; fewer at the end. */
  async peek(length: number): Promise<Buffer> {
    while (this.#held.length < length) {
      const next = await this.#pieces.next()
      if (next.done === true) break
      this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value])
    }
    return this.#held.subarray(0, length)
  }

  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length)
    if (bytes.length < length) throw new Error('it ends in the middle of an entry')
    this.#drop(length)
    return bytes
  }

  async skip(length: number): Promise<void> {
    let left = length
    while (left > 0) {
      const { length: held } = await this.peek(1)
      if (held === 0) throw new Error('it ends in the middle of an entry')
      left -= this.#drop(Math.min(left, this.#held.length))
    }
  }

  /** Past the zeros that are next. False at the end. */
  async skipZeros(): Promise<boolean> {
    for (;;) {
      if ((await this.peek(1)).length === 0) return false
      const zeros = this.#held.findIndex((byte) => byte !== 0)
      if (zeros >= 0) {
        this.#drop(zeros)
        return true
      }
      this.#drop(this.#held.length)
    }
  }

  /** All that was not taken. */
  async *rest(): AsyncGenerator<Buffer> {
    for (;;) {
      if ((await this.peek(1)).length === 0) return
      const held = this.#held
      this.#drop(held.length)
      yield held
    }
  }

  /** Gives the source back: a file that it comes from is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return?.()
  }

  #drop(length: number): number {
    this.#held = this.#held.subarray(length)
    this.position += length
    return length
  }
}
