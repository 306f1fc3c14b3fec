import type { Duplex } from 'node:stream'
import { LandfallError } from '@landfall/model'
import { encodeHeader, frame, FrameDecoder, type Frame } from './frame.ts'
import { SILENCE_MS_MAX } from './limits.ts'
import type { PayloadMemory } from './payload-memory.ts'

/**
 * How long a closing channel waits for the peer to take the last frames before it cuts the line.
 */
const LINGER_MS_MAX = 1000

export interface ChannelOptions {
  /** A peer that sends nothing for longer is taken for dead. Default `SILENCE_MS_MAX`. */
  readonly silenceMs?: number
  /** Where the payloads of received frames are put. Default: each in memory of its own. */
  readonly memory?: PayloadMemory
}

/**
 * A connected socket as frames both ways. Iterate it to receive; nothing is read from the socket
 * while nobody asks for the next frame, so that a slow reader slows the peer down.
 *
 * Pings are sent, answered and swallowed here: whatever arrives counts as a sign of life, and a
 * ping goes out whenever nothing else was sent for a third of the silence limit. A reader that is
 * busy with a frame does not count the time as the peer's silence.
 */
export class Channel implements AsyncIterable<Frame> {
  /** Settles when the socket is gone: with the reason, or undefined after a regular end. */
  readonly closed: Promise<Error | undefined>

  readonly #socket: Duplex
  readonly #silenceMs: number
  readonly #memory: PayloadMemory | undefined
  readonly #timer: NodeJS.Timeout
  #reason: Error | undefined
  #closing = false
  #pongUnsent = false
  #lastSentMs = performance.now()
  /** Since when the reader waits for bytes; undefined while it does not. */
  #waitingSinceMs: number | undefined
  #pings = 0

  constructor(socket: Duplex, options: ChannelOptions = {}) {
    this.#socket = socket
    this.#silenceMs = options.silenceMs ?? SILENCE_MS_MAX
    this.#memory = options.memory
    this.#timer = setInterval(() => this.#tick(), this.#silenceMs / 6)
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    this.closed = promise
    // A socket's error event comes before its close event; without a listener it would be thrown.
    socket.on('error', (error: Error) => (this.#reason ??= error))
    socket.once('close', () => {
      clearInterval(this.#timer)
      resolve(this.#reason)
    })
    if (socket.destroyed) {
      clearInterval(this.#timer)
      resolve(undefined)
    }
  }

  /**
   * Resolves when the frame has left this process: from then on its payload may be reused. Several
   * sends may wait at once; they leave in the order of the calls. Rejects when the channel closes.
   */
  send(of: Frame): Promise<void> {
    if (this.#closing || this.#socket.destroyed) return Promise.reject(this.#closedError())
    this.#lastSentMs = performance.now()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const done = (error?: Error | null): void => {
      if (error) reject(this.#reason ?? error)
      else resolve()
    }
    const header = encodeHeader(of)
    if (of.payload.length === 0) {
      this.#socket.write(header, done)
      return promise
    }
    this.#socket.cork()
    this.#socket.write(header)
    this.#socket.write(of.payload, done)
    this.#socket.uncork()
    return promise
  }

  /**
   * The frames as they arrive, pings and pongs left out. Ends when the peer or `close` ends the
   * channel without a reason; throws a `validation` error at bytes that are not the protocol (the
   * channel can still send `fatal` then), and whatever broke the connection otherwise. To be
   * iterated once.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frame, void, undefined> {
    const decoder = new FrameDecoder(this.#memory)
    this.#waitingSinceMs = performance.now()
    // The socket outlives the loop so that `fatal` can be sent after a bad frame.
    const chunks = this.#socket.iterator({ destroyOnReturn: false })
    try {
      for await (const chunk of chunks) {
        this.#waitingSinceMs = undefined
        for (const received of decoder.push(chunk as Buffer)) {
          if (this.#closing) continue
          if (received.type === 'ping') this.#answer(received)
          else if (received.type !== 'pong') yield received
        }
        this.#waitingSinceMs = performance.now()
      }
    } catch (error) {
      if (error instanceof LandfallError) throw error
      if (this.#reason !== undefined || !this.#closing) throw this.#reason ?? error
    } finally {
      this.#waitingSinceMs = undefined
    }
    if (this.#reason !== undefined) throw this.#reason
  }

  /**
   * Ends the channel in order: what was sent before still goes out, within a second. `reason` is
   * what `closed` gives.
   */
  close(reason?: Error): void {
    if (this.#closing) return
    this.#closing = true
    this.#reason ??= reason
    const cut = setTimeout(() => this.#socket.destroy(), LINGER_MS_MAX)
    void this.closed.then(() => clearTimeout(cut))
    this.#socket.end()
    // Unread bytes would turn the end into a reset, and the peer would lose our last frame.
    if (this.#socket.listenerCount('readable') === 0) this.#socket.resume()
  }

  /** Cuts the line now; nothing more is sent or received. */
  destroy(reason?: Error): void {
    this.#closing = true
    this.#reason ??= reason
    this.#socket.destroy()
  }

  /** At most one pong waits: a peer that floods pings cannot fill our memory. */
  #answer(ping: Frame): void {
    if (this.#pongUnsent) return
    this.#pongUnsent = true
    const sent = (): void => {
      this.#pongUnsent = false
    }
    this.send(frame('pong', { sequence: ping.sequence })).then(sent, sent)
  }

  #tick(): void {
    const nowMs = performance.now()
    if (this.#waitingSinceMs !== undefined && nowMs - this.#waitingSinceMs > this.#silenceMs) {
      const seconds = Math.round(this.#silenceMs / 1000)
      this.destroy(
        new LandfallError(
          'unavailable',
          `The other end of the replication connection was silent for ${seconds} seconds`,
        ),
      )
      return
    }
    if (this.#closing || nowMs - this.#lastSentMs < this.#silenceMs / 3) return
    // A failure shows in `closed`.
    this.send(frame('ping', { sequence: this.#pings++ })).catch(() => undefined)
  }

  #closedError(): Error {
    return this.#reason ?? new LandfallError('unavailable', 'The replication connection was closed')
  }
}
