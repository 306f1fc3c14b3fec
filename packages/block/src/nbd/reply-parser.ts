import { NbdConnectionError } from './nbd-error.ts'

const SIMPLE_REPLY_MAGIC = 0x67446698
const REPLY_BYTES = 16

export interface NbdReply {
  readonly cookie: bigint
  readonly errorNumber: number
}

/** The requests that replies answer. */
export interface OpenRequests {
  /** Bytes of data that follow a reply without error; asked once for each. */
  dataBytes(cookie: bigint): number
  /** The next piece of that data, lent for the call. */
  take(cookie: bigint, piece: Buffer): void
}

/**
 * Cuts the stream of simple replies (NBD protocol, "Simple reply message"). How much data follows a
 * reply only the request knows. The data is handed on in pieces, as it comes, without a copy.
 */
export class ReplyParser {
  readonly #requests: OpenRequests
  readonly #header = Buffer.alloc(REPLY_BYTES)
  #headerBytes = 0
  #reply: (NbdReply & { bytesToCome: number }) | undefined

  constructor(requests: OpenRequests) {
    this.#requests = requests
  }

  /** The replies that `chunk` completes. */
  *push(chunk: Buffer): Generator<NbdReply> {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#reply === undefined) {
        rest = this.#fillHeader(rest)
        if (this.#headerBytes < REPLY_BYTES) return
        this.#reply = this.#begin()
      }
      const reply = this.#reply
      const piece = rest.subarray(0, reply.bytesToCome)
      if (piece.length > 0) this.#requests.take(reply.cookie, piece)
      reply.bytesToCome -= piece.length
      if (reply.bytesToCome > 0) return
      rest = rest.subarray(piece.length)
      this.#reply = undefined
      this.#headerBytes = 0
      yield reply
    }
  }

  /** What follows the bytes that the header took. */
  #fillHeader(bytes: Buffer): Buffer {
    const copied = bytes.copy(this.#header, this.#headerBytes)
    this.#headerBytes += copied
    return bytes.subarray(copied)
  }

  #begin(): NbdReply & { bytesToCome: number } {
    if (this.#header.readUInt32BE(0) !== SIMPLE_REPLY_MAGIC) {
      throw new NbdConnectionError('The NBD server sent something that is not a simple reply')
    }
    const errorNumber = this.#header.readUInt32BE(4)
    const cookie = this.#header.readBigUInt64BE(8)
    const bytesToCome = errorNumber === 0 ? this.#requests.dataBytes(cookie) : 0
    return { cookie, errorNumber, bytesToCome }
  }
}
