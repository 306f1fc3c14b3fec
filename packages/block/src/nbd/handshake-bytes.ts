import { NbdConnectionError } from './nbd-error.ts'

/** What the server said in the handshake, to be taken in portions of known length. */
export class HandshakeBytes {
  #received = Buffer.alloc(0)
  #ended: Error | undefined
  #wake: () => void = () => undefined

  /** Copies what was lent. */
  push(chunk: Uint8Array): void {
    this.#received = Buffer.concat([this.#received, chunk])
    this.#wake()
  }

  /** Nothing will follow. */
  end(cause: Error | undefined): void {
    const sentence = 'The NBD server closed the connection in the handshake'
    this.#ended ??= new NbdConnectionError(sentence, { cause })
    this.#wake()
  }

  /** Waits for exactly `length` bytes. */
  async take(length: number): Promise<Buffer> {
    while (this.#received.length < length) {
      if (this.#ended !== undefined) throw this.#ended
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken
  }
}
