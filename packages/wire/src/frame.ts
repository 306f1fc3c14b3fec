import { crc32 } from 'node:zlib'
import { LandfallError } from '@landfall/model'
import { PAYLOAD_BYTES_MAX } from './limits.ts'
import { FRESH_MEMORY, type PayloadMemory } from './payload-memory.ts'

/**
 * A frame of the replication protocol: a header of 40 bytes, big-endian, and a payload.
 * docs/replication-protocol.md describes it byte by byte.
 *
 *     0  u32  magic "LFR1"
 *     4  u8   type
 *     5  u8   flags (bit 0: payload is zstd-compressed)
 *     6  u16  disk index, as announced in hello
 *     8  u64  sequence: a request and its answer carry the same
 *    16  u64  offset on the disk, bytes
 *    24  u32  length of the range on the disk, bytes
 *    28  u32  length of the payload, bytes
 *    32  u32  CRC-32 of the payload as it was before compression
 *    36  u32  CRC-32 of bytes 0 to 35
 */
export const HEADER_BYTES = 40
const MAGIC = 0x4c465231 // "LFR1"
const FLAG_ZSTD = 1

/** From agent to server unless marked "answer". JSON payloads are UTF-8. */
export const FRAME_TYPE = {
  /** JSON `Hello`. First frame on every connection. */
  hello: 1,
  /** Answer, JSON `Welcome`. Nothing else may be sent before it arrived. */
  welcome: 2,
  /** Write the payload (decompressed: `length` bytes) at `offset`. */
  data: 3,
  /** Make `length` bytes at `offset` read as zeros. No payload. */
  zero: 4,
  /** Answer to data and zero: written, not yet durable. */
  written: 5,
  /** Make everything durable, on all disks, that was answered with written before. */
  flush: 6,
  /** Answer to flush and point: durable. */
  durable: 7,
  /** Ask for the SHA-256 of a range of the volume, or of a point (JSON `{pointID}` payload). */
  hash: 8,
  /** Answer: 32 bytes of SHA-256. */
  digest: 9,
  /** JSON `PointDescription`: flush, then snapshot all volumes at once. Answered by durable. */
  point: 10,
  /** Answer: this one request failed, the session goes on. JSON `Refusal`. */
  refused: 11,
  /** Either way: the sender closes the connection after this. JSON `Refusal`. */
  fatal: 12,
  /** Either way, answered by pong with the same sequence. */
  ping: 13,
  pong: 14,
  /** Write several ranges: the payload (decompressed: `length` bytes) is as scatter.ts says. */
  scatter: 15,
} as const

export type FrameType = keyof typeof FRAME_TYPE

const TYPE_NAMES = new Map<number, FrameType>(
  Object.entries(FRAME_TYPE).map(([name, value]) => [value, name as FrameType]),
)

export interface Frame {
  readonly type: FrameType
  readonly disk: number
  readonly sequence: number
  readonly offset: number
  readonly length: number
  readonly compressed: boolean
  /** CRC-32 of the payload before compression. */
  readonly checksum: number
  readonly payload: Uint8Array
}

export const NO_PAYLOAD = new Uint8Array(0)

/** A frame with everything a caller leaves out set to zero, checksum computed from the payload. */
export function frame(
  type: FrameType,
  fields: Partial<Omit<Frame, 'type'>> & { sequence: number },
): Frame {
  const payload = fields.payload ?? NO_PAYLOAD
  return {
    type,
    disk: fields.disk ?? 0,
    sequence: fields.sequence,
    offset: fields.offset ?? 0,
    length: fields.length ?? 0,
    compressed: fields.compressed ?? false,
    checksum: fields.checksum ?? crc32(payload),
    payload,
  }
}

/** A frame whose payload is `value` as JSON. */
export function jsonFrame(type: FrameType, sequence: number, value: unknown): Frame {
  return frame(type, { sequence, payload: Buffer.from(JSON.stringify(value)) })
}

/** The header's bytes; the payload is written after it as it is, without a copy. */
export function encodeHeader(of: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(MAGIC, 0)
  header.writeUInt8(FRAME_TYPE[of.type], 4)
  header.writeUInt8(of.compressed ? FLAG_ZSTD : 0, 5)
  header.writeUInt16BE(of.disk, 6)
  header.writeBigUInt64BE(BigInt(of.sequence), 8)
  header.writeBigUInt64BE(BigInt(of.offset), 16)
  header.writeUInt32BE(of.length, 24)
  header.writeUInt32BE(of.payload.length, 28)
  header.writeUInt32BE(of.checksum, 32)
  header.writeUInt32BE(crc32(header.subarray(0, 36)), 36)
  return header
}

type Header = Omit<Frame, 'payload'> & { readonly payloadBytes: number }

function decodeHeader(bytes: Buffer): Header {
  if (bytes.readUInt32BE(0) !== MAGIC) throw badFrame('does not begin with the magic number')
  if (bytes.readUInt32BE(36) !== crc32(bytes.subarray(0, 36))) throw badFrame('header checksum')
  const type = TYPE_NAMES.get(bytes.readUInt8(4))
  if (type === undefined) throw badFrame(`unknown type ${bytes.readUInt8(4)}`)
  const flags = bytes.readUInt8(5)
  if ((flags & ~FLAG_ZSTD) !== 0) throw badFrame(`unknown flags ${flags}`)
  const payloadBytes = bytes.readUInt32BE(28)
  if (payloadBytes > PAYLOAD_BYTES_MAX) throw badFrame(`payload of ${payloadBytes} bytes`)
  return {
    type,
    compressed: (flags & FLAG_ZSTD) !== 0,
    disk: bytes.readUInt16BE(6),
    sequence: safeInteger(bytes.readBigUInt64BE(8), 'sequence'),
    offset: safeInteger(bytes.readBigUInt64BE(16), 'offset'),
    length: bytes.readUInt32BE(24),
    payloadBytes,
    checksum: bytes.readUInt32BE(32),
  }
}

function safeInteger(value: bigint, name: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badFrame(`${name} ${value} is out of range`)
  return Number(value)
}

function badFrame(what: string): LandfallError {
  return new LandfallError('validation', `Bad replication frame: ${what}`)
}

/**
 * Cuts a byte stream into frames. Holds at most one unfinished frame, in memory of its own size
 * however small the chunks are that bring it. Throws a `validation` error at the first byte that is
 * not the protocol, and from then on: the connection must be closed.
 *
 * Payloads are in `memory`: whoever got a frame may give its payload back there.
 */
export class FrameDecoder {
  readonly #memory: PayloadMemory
  /** What was pushed and not looked at yet. */
  #rest: Buffer = Buffer.alloc(0)
  /** The header or payload that has begun to arrive, and how much of it has. */
  #part: Buffer | undefined
  #partFilled = 0
  #header: Header | undefined
  #failure: unknown

  constructor(memory: PayloadMemory = FRESH_MEMORY) {
    this.#memory = memory
  }

  /** The frames that `chunk` completes, in order. */
  *push(chunk: Buffer): Generator<Frame> {
    if (this.#failure !== undefined) throw this.#failure
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      this.#header ??= this.#takeHeader()
      if (this.#header === undefined) return
      const { payloadBytes, ...header } = this.#header
      const payload = this.#take(payloadBytes)
      if (payload === undefined) return
      this.#header = undefined
      yield { ...header, payload }
    }
  }

  #takeHeader(): Header | undefined {
    const bytes = this.#take(HEADER_BYTES)
    try {
      return bytes && decodeHeader(bytes)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** The next bytes, once all are there. Until then they are copied, and their chunks let go. */
  #take(length: number): Buffer | undefined {
    if (this.#part === undefined) {
      if (this.#rest.length >= length) return this.#cut(length)
      if (this.#rest.length === 0) return undefined
      this.#part = this.#memory.take(length)
      this.#partFilled = 0
    }
    const missing = length - this.#partFilled
    const next = this.#cut(Math.min(missing, this.#rest.length))
    this.#partFilled += next.copy(this.#part, this.#partFilled)
    if (this.#partFilled < length) return undefined
    const whole = this.#part
    this.#part = undefined
    return whole
  }

  #cut(length: number): Buffer {
    const first = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return first
  }
}
