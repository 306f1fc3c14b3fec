import type { Duplex } from 'node:stream'

/** A screen small enough to be looked at pixel by pixel. */
export const SCREEN = { width: 64, height: 48 }

const NAME = Buffer.from('web01')

/** Of RFC 6143, 7.4: 32 bits a pixel, of which 8 are each colour's. */
const PIXEL_FORMAT = Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])

/** Each message of a client (RFC 6143, 7.5): its length, which may be told within it. */
const LENGTHS: Readonly<Record<number, (bytes: Buffer) => number>> = {
  0: () => 20,
  2: (bytes) => (bytes.length < 4 ? 4 : 4 + 4 * bytes.readUInt16BE(2)),
  3: () => 10,
  4: () => 8,
  5: () => 6,
}

/**
 * An RFB server as a running instance has it, for whoever is connected to `stream` and was greeted
 * already: it shows one colour and keeps which keys were pressed.
 */
export class RfbServer {
  /** X11's numbers of the keys, in their order. */
  readonly pressed: number[] = []
  readonly #stream: Duplex
  #received = Buffer.alloc(0)
  /** What the client says before its messages begin: version, choice of security, sharing. */
  readonly #handshake = [
    { bytes: 12, answer: Buffer.from([1, 1]) },
    { bytes: 1, answer: Buffer.alloc(4) },
    { bytes: 1, answer: serverInit() },
  ]

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      while (this.#step());
    })
  }

  /** Takes the next whole message; false: there is none yet. */
  #step(): boolean {
    const [next] = this.#handshake
    const type = this.#received[0]
    if (type === undefined) return false
    const lengthOf = next === undefined ? LENGTHS[type] : () => next.bytes
    if (lengthOf === undefined) throw new Error(`A client has no message ${type}`)
    const length = lengthOf(this.#received)
    if (this.#received.length < length) return false
    const message = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    if (next === undefined) this.#take(message)
    else this.#stream.write(this.#handshake.shift()?.answer)
    return true
  }

  #take(message: Buffer): void {
    const [type, flag] = message
    if (type === 4 && flag === 1) this.pressed.push(message.readUInt32BE(4))
    // Only whoever has nothing yet: the picture stays as it is.
    if (type === 3 && flag === 0) this.#stream.write(framebufferUpdate())
  }
}

function serverInit(): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16BE(SCREEN.width, 0)
  size.writeUInt16BE(SCREEN.height, 2)
  const nameLength = Buffer.alloc(4)
  nameLength.writeUInt32BE(NAME.length)
  return Buffer.concat([size, PIXEL_FORMAT, nameLength, NAME])
}

/** One rectangle, raw, all of it in the colour of which every byte is 0x60. */
function framebufferUpdate(): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt16BE(1, 2)
  header.writeUInt16BE(SCREEN.width, 8)
  header.writeUInt16BE(SCREEN.height, 10)
  return Buffer.concat([header, Buffer.alloc(4 * SCREEN.width * SCREEN.height, 0x60)])
}
