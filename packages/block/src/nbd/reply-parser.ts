import { NbdConnectionError } from './nbd-error.ts'

const SIMPLE_REPLY_MAGIC = 0x67446698
const REPLY_BYTES = 16

export interface NbdReply {
  readonly cookie: bigint
  readonly errorNumber: number
  readonly data: Buffer
}

/**
 * Cuts the stream of simple replies (NBD protocol, "Simple reply message"). How much data follows a
 * reply only the request knows: `dataBytes` is asked once per reply without error.
 */
export class ReplyParser {
  readonly #dataBytes: (cookie: bigint) => number
  readonly #header = Buffer.alloc(REPLY_BYTES)
  #headerBytes = 0
  #data: Buffer | undefined
  #filledBytes = 0

  constructor(dataBytes: (cookie: bigint) => number) {
    this.#dataBytes = dataBytes
  }

  /** The replies that `chunk` completes. */
  *push(chunk: Buffer): Generator<NbdReply> {
    let position = 0
    while (position < chunk.length) {
      if (this.#data === undefined) {
        position += this.#fillHeader(chunk, position)
        if (this.#headerBytes < REPLY_BYTES) return
        this.#begin()
      }
      position += this.#fillData(chunk, position)
      const reply = this.#finished()
      if (reply !== undefined) yield reply
    }
  }

  #fillHeader(chunk: Buffer, position: number): number {
    const copied = chunk.copy(this.#header, this.#headerBytes, position)
    this.#headerBytes += copied
    return copied
  }

  #begin(): void {
    if (this.#header.readUInt32BE(0) !== SIMPLE_REPLY_MAGIC) {
      throw new NbdConnectionError('The NBD server sent something that is not a simple reply')
    }
    const failed = this.#header.readUInt32BE(4) !== 0
    const cookie = this.#header.readBigUInt64BE(8)
    this.#data = Buffer.allocUnsafeSlow(failed ? 0 : this.#dataBytes(cookie))
    this.#filledBytes = 0
  }

  #fillData(chunk: Buffer, position: number): number {
    const copied = this.#data?.length ? chunk.copy(this.#data, this.#filledBytes, position) : 0
    this.#filledBytes += copied
    return copied
  }

  #finished(): NbdReply | undefined {
    const data = this.#data
    if (data === undefined || this.#filledBytes < data.length) return undefined
    this.#data = undefined
    this.#headerBytes = 0
    return {
      cookie: this.#header.readBigUInt64BE(8),
      errorNumber: this.#header.readUInt32BE(4),
      data,
    }
  }
}
