import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { HandshakeBytes } from './handshake-bytes.ts'
import { negotiate, type NbdExportInfo } from './handshake.ts'
import { NbdConnectionError, NbdError, nbdErrorName } from './nbd-error.ts'
import { ReplyParser } from './reply-parser.ts'

const REQUEST_MAGIC = 0x25609513
const REQUEST_BYTES = 28
const COMMAND = { read: 0, write: 1, disc: 2, flush: 3, write_zeroes: 6 } as const
type CommandName = keyof typeof COMMAND
/** NBD_FLAG_CAN_MULTI_CONN, a transmission flag. */
const FLAG_CAN_MULTI_CONN = 1 << 8

/**
 * A request without an answer for this long means a hung server: a healthy one under full load
 * answered within half a second, and a slow disk with a long write-back takes seconds.
 */
const ANSWER_MS_MAX = 120_000

/** As much as a unix socket's default buffer holds. */
const RECEIVE_BYTES = 256 * 1024

/** How long the handshake on a unix socket may take. */
const HANDSHAKE_MS_MAX = 10_000

export interface NbdConnectOptions {
  readonly socketPath: string
  readonly exportName: string
  readonly signal?: AbortSignal
  /** Default two minutes. The connection is cut when one request waits longer. */
  readonly answerMsMax?: number
}

interface Pending {
  readonly name: CommandName
  readonly offset: number
  readonly length: number
  readonly sentMs: number
  /** Pieces of the data, of a read. */
  readonly take: (piece: Buffer) => void
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Connects to one export of an NBD server on a unix socket. */
export async function connectNbd(options: NbdConnectOptions): Promise<NbdClient> {
  const deadline = AbortSignal.timeout(HANDSHAKE_MS_MAX)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  const said = new HandshakeBytes()
  let receive = (bytes: Buffer): void => said.push(bytes)
  // Memory that is kept: a new piece of it for each 64 KiB would be most of our garbage.
  const onread = {
    buffer: Buffer.alloc(RECEIVE_BYTES),
    callback: (bytes: number, into: Uint8Array): boolean => {
      receive(Buffer.from(into.buffer, into.byteOffset, bytes))
      return true
    },
  }
  const socket = connect({ path: options.socketPath, onread })
  const abort = (): void => void socket.destroy(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', () => undefined) // The close event tells.
  socket.once('close', () => said.end(socket.errored ?? undefined))
  try {
    signal.throwIfAborted()
    const info = await negotiate({ said, socket }, options.exportName)
    const client = new NbdClient(socket, info, options.answerMsMax ?? ANSWER_MS_MAX)
    receive = (bytes) => client.receive(bytes)
    return client
  } catch (cause) {
    socket.destroy()
    throw new NbdConnectionError(
      `Cannot open the NBD export "${options.exportName}" at ${options.socketPath}`,
      { cause },
    )
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * One export over one connection. Requests are pipelined: any number may be in flight, and they may
 * complete in any order. A request rejects with `NbdError` when the server refused it and with
 * `NbdConnectionError` when the connection broke, after which every request does.
 *
 * Buffers given to `write` must not change until it settles.
 */
export class NbdClient implements AsyncDisposable {
  readonly sizeBytes: number
  /** A flush is about the writes of all connections to the export. */
  readonly canHaveMore: boolean
  /** Most bytes that one read or write may carry. */
  readonly payloadBytesMax: number
  /** Settles when the connection is gone: with the reason, or undefined after `close`. */
  readonly closed: Promise<Error | undefined>

  readonly #socket: Socket
  readonly #pending = new Map<bigint, Pending>()
  readonly #answerMsMax: number
  readonly #timer: NodeJS.Timeout
  readonly #parser: ReplyParser
  #cookie = 0n
  #reason: Error | undefined
  #closing = false

  constructor(socket: Socket, info: NbdExportInfo, answerMsMax: number) {
    this.sizeBytes = info.sizeBytes
    this.payloadBytesMax = info.payloadBytesMax
    this.canHaveMore = (info.flags & FLAG_CAN_MULTI_CONN) !== 0
    this.#socket = socket
    this.#answerMsMax = answerMsMax
    this.#parser = new ReplyParser({
      dataBytes: (cookie) => this.#replyBytes(cookie),
      take: (cookie, piece) => this.#pending.get(cookie)?.take(piece),
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve(this.#onClose()))
    })
    this.#timer = setInterval(() => this.#checkOldest(), answerMsMax / 4).unref()
  }

  get openRequests(): number {
    return this.#pending.size
  }

  /** Gives the data in order, piece by piece as it comes; a piece is lent for the call. */
  async read(offset: number, length: number, take: (piece: Buffer) => void): Promise<void> {
    await this.#request('read', offset, length, { take })
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    await this.#request('write', offset, data.length, { data })
  }

  /** Writes several ranges, which leave together. All have settled when this does. */
  async writeAll(
    ranges: readonly { readonly offset: number; readonly data: Uint8Array }[],
  ): Promise<void> {
    this.#socket.cork()
    const writes = ranges.map(({ offset, data }) => this.write(offset, data))
    this.#socket.uncork()
    const outcomes = await Promise.allSettled(writes)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** Makes the range read as zeros, without data on the wire; the server may free the space. */
  async writeZeroes(offset: number, length: number): Promise<void> {
    await this.#request('write_zeroes', offset, length)
  }

  /** Everything that completed before the call is durable when this resolves. */
  async flush(): Promise<void> {
    await this.#request('flush', 0, 0)
  }

  /** Says goodbye and closes; rejects what is still in flight. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true
      this.#socket.end(encodeRequest('disc', 0n, 0, 0))
      this.#socket.destroySoon()
    }
    await this.closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #request(
    name: CommandName,
    offset: number,
    length: number,
    of: { readonly data?: Uint8Array; readonly take?: (piece: Buffer) => void } = {},
  ): Promise<void> {
    assert(offset >= 0 && offset + length <= this.sizeBytes, 'request is inside the export')
    assert(name === 'write_zeroes' || length <= this.payloadBytesMax, 'request is not too long')
    if (this.#socket.destroyed || this.#closing) return Promise.reject(this.#gone())
    const cookie = this.#cookie++
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sentMs = performance.now()
    const { data, take = () => undefined } = of
    this.#pending.set(cookie, { name, offset, length, sentMs, take, resolve, reject })
    this.#socket.cork()
    this.#socket.write(encodeRequest(name, cookie, offset, length))
    if (data !== undefined && data.length > 0) this.#socket.write(data)
    this.#socket.uncork()
    return promise
  }

  #replyBytes(cookie: bigint): number {
    const request = this.#pending.get(cookie)
    if (request === undefined) throw new NbdConnectionError('Reply to a request never sent')
    return request.name === 'read' ? request.length : 0
  }

  /** What came from the server. */
  receive(chunk: Buffer): void {
    try {
      for (const reply of this.#parser.push(chunk)) {
        const request = this.#pending.get(reply.cookie)
        if (request === undefined) throw new NbdConnectionError('Reply to a request never sent')
        this.#pending.delete(reply.cookie)
        if (reply.errorNumber === 0) request.resolve()
        else request.reject(new NbdError(nbdErrorName(reply.errorNumber), describe(request)))
      }
    } catch (error) {
      this.#reason ??= error as Error
      this.#socket.destroy()
    }
  }

  #checkOldest(): void {
    const [oldest] = this.#pending.values()
    if (oldest === undefined) return
    const waitedMs = performance.now() - oldest.sentMs
    if (waitedMs <= this.#answerMsMax) return
    const seconds = Math.round(waitedMs / 1000)
    this.#reason ??= new NbdConnectionError(`No answer to ${describe(oldest)} for ${seconds} s`)
    this.#socket.destroy()
  }

  #onClose(): Error | undefined {
    clearInterval(this.#timer)
    this.#reason ??= this.#socket.errored ?? undefined
    const error = this.#gone()
    for (const request of this.#pending.values()) request.reject(error)
    this.#pending.clear()
    return this.#closing ? undefined : error
  }

  #gone(): NbdConnectionError {
    if (this.#reason instanceof NbdConnectionError) return this.#reason
    return new NbdConnectionError('The connection to the NBD server is closed', {
      cause: this.#reason,
    })
  }
}

function encodeRequest(name: CommandName, cookie: bigint, offset: number, length: number): Buffer {
  const header = Buffer.alloc(REQUEST_BYTES)
  header.writeUInt32BE(REQUEST_MAGIC, 0)
  header.writeUInt16BE(COMMAND[name], 6)
  header.writeBigUInt64BE(cookie, 8)
  header.writeBigUInt64BE(BigInt(offset), 16)
  header.writeUInt32BE(length, 24)
  return header
}

function describe(request: Pick<Pending, 'name' | 'offset' | 'length'>): string {
  return `${request.name} of ${request.length} bytes at ${request.offset}`
}
