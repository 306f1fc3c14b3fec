import { LandfallError } from '@landfall/model'
import {
  Channel,
  frame,
  jsonFrame,
  jsonPayload,
  PROTOCOL_VERSION,
  type Frame,
  type FrameType,
  type Hello,
  type Refusal,
  type RefusalCode,
  type Welcome,
} from '@landfall/wire'
import { connectTls, type ServerAddress } from './connect-tls.ts'

/**
 * A server that answers pings and yet leaves a request unanswered for longer is taken for stuck.
 */
const ANSWER_MS_MAX = 120_000

/** The server refused: one request, or with `fatal` the session. */
export class RefusedError extends LandfallError {
  readonly refusal: RefusalCode

  constructor(refusal: Refusal) {
    super('unavailable', refusal.message)
    this.refusal = refusal.code
  }
}

export interface SessionOptions {
  readonly addresses: readonly string[]
  readonly server: Omit<ServerAddress, 'host'>
  readonly hello: Omit<Hello, 'protocolVersion'>
  readonly connections: number
  readonly signal: AbortSignal
}

type RequestFields = Partial<Omit<Frame, 'type' | 'sequence'>>

export interface Request {
  /** The frame has left: its payload may be reused. */
  readonly sent: Promise<void>
  /** The answer. Rejects with a RefusedError, or when the session ends without an answer. */
  readonly answered: Promise<Frame>
}

interface Pending {
  readonly connection: Connection
  readonly bytes: number
  readonly sinceMs: number
  readonly resolve: (answer: Frame) => void
  readonly reject: (error: Error) => void
}

interface Connection {
  readonly channel: Channel
  unansweredBytes: number
}

/**
 * One run of replication: several connections that live and die together. Any of them breaking ends
 * the session and fails every open request, so that nothing old can be written after something new.
 */
export class Session implements AsyncDisposable {
  /** The address that answered. */
  readonly host: string
  readonly welcome: Welcome
  /** Settles with the reason when the session has ended and every connection is gone. */
  readonly ended: Promise<Error>
  readonly #connections: Connection[] = []
  readonly #pending = new Map<number, Pending>()
  readonly #end = Promise.withResolvers<Error>()
  readonly #timer: NodeJS.Timeout
  #sequence = 1
  #reason: Error | undefined

  private constructor(first: Opened) {
    this.host = first.host
    this.welcome = first.welcome
    this.ended = this.#end.promise
    this.#timer = setInterval(() => this.#checkAnswers(), ANSWER_MS_MAX / 10)
    this.#adopt(first)
  }

  /**
   * Connects to the first address that answers, then adds the other connections. Throws the reason
   * of the last address, or a RefusedError when a server was reached and does not want this
   * session.
   */
  static async open(options: SessionOptions): Promise<Session> {
    let failure: unknown = new LandfallError('validation', 'No replication address is configured')
    for (const host of options.addresses) {
      try {
        const session = new Session(await openConnection(host, options))
        const rest = Array.from({ length: options.connections - 1 }, async () => {
          session.#adopt(await openConnection(host, options))
        })
        // With fewer connections than asked for, replication is slower and nothing else.
        await Promise.allSettled(rest)
        return session
      } catch (error) {
        if (error instanceof RefusedError || options.signal.aborted) throw error
        failure = error
      }
    }
    throw failure
  }

  get hasEnded(): boolean {
    return this.#reason !== undefined
  }

  request(type: FrameType, fields: RequestFields): Request {
    const connection = this.#connections.reduce((best, other) =>
      other.unansweredBytes < best.unansweredBytes ? other : best,
    )
    const sequence = this.#sequence++
    const outgoing = frame(type, { ...fields, sequence })
    const bytes = outgoing.payload.length
    const { promise, resolve, reject } = Promise.withResolvers<Frame>()
    if (this.#reason !== undefined) reject(this.#reason)
    else {
      this.#pending.set(sequence, {
        connection,
        bytes,
        sinceMs: performance.now(),
        resolve,
        reject,
      })
      connection.unansweredBytes += bytes
    }
    const sent = connection.channel.send(outgoing).catch((error: Error) => this.#fail(error))
    return { sent, answered: promise }
  }

  requestJson(type: FrameType, value: unknown, fields: RequestFields = {}): Request {
    return this.request(type, { ...fields, payload: jsonFrame(type, 0, value).payload })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new LandfallError('unavailable', 'The replication session was closed'))
    await this.ended
  }

  #adopt(opened: Opened): void {
    const connection: Connection = { channel: opened.channel, unansweredBytes: 0 }
    this.#connections.push(connection)
    void this.#receive(connection, opened.frames)
    if (this.#reason !== undefined) opened.channel.destroy(this.#reason)
  }

  async #receive(connection: Connection, frames: AsyncIterable<Frame>): Promise<void> {
    try {
      for await (const received of frames) this.#take(received)
      throw new LandfallError('unavailable', 'The replication server closed the connection')
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #take(received: Frame): void {
    if (received.type === 'fatal') throw new RefusedError(refusalOf(received))
    const pending = this.#pending.get(received.sequence)
    if (pending === undefined) {
      throw new LandfallError('validation', `The replication server answered what nobody asked`)
    }
    this.#pending.delete(received.sequence)
    pending.connection.unansweredBytes -= pending.bytes
    if (received.type === 'refused') pending.reject(new RefusedError(refusalOf(received)))
    else pending.resolve(received)
  }

  #checkAnswers(): void {
    // In the order of sending: the first is the oldest.
    const oldest = this.#pending.values().next().value
    if (oldest === undefined || performance.now() - oldest.sinceMs < ANSWER_MS_MAX) return
    const seconds = ANSWER_MS_MAX / 1000
    const sentence = `The replication server left a request unanswered for ${seconds} seconds`
    this.#fail(new LandfallError('unavailable', sentence))
  }

  #fail(reason: Error): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    clearInterval(this.#timer)
    for (const { channel } of this.#connections) channel.destroy(reason)
    void Promise.all(this.#connections.map(({ channel }) => channel.closed)).then(() => {
      for (const { reject } of this.#pending.values()) reject(reason)
      this.#pending.clear()
      this.#end.resolve(reason)
    })
  }
}

interface Opened {
  readonly host: string
  readonly channel: Channel
  readonly welcome: Welcome
  readonly frames: AsyncIterable<Frame>
}

async function openConnection(host: string, options: SessionOptions): Promise<Opened> {
  const socket = await connectTls({ ...options.server, host }, options.signal)
  const channel = new Channel(socket)
  const silence = AbortSignal.timeout(ANSWER_MS_MAX)
  const ending = AbortSignal.any([options.signal, silence])
  const onAbort = (): void => {
    const seconds = ANSWER_MS_MAX / 1000
    const sentence = `The replication server at ${host} did not say welcome in ${seconds} seconds`
    const reason = silence.aborted ? new LandfallError('unavailable', sentence) : ending.reason
    channel.destroy(reason as Error)
  }
  ending.addEventListener('abort', onAbort)
  try {
    const frames = channel[Symbol.asyncIterator]()
    await channel.send(
      jsonFrame('hello', 0, { protocolVersion: PROTOCOL_VERSION, ...options.hello }),
    )
    const { value: answer } = await frames.next()
    if (answer === undefined) {
      throw new LandfallError('unavailable', `The replication server at ${host} hung up`)
    }
    if (answer.type === 'fatal') throw new RefusedError(refusalOf(answer))
    if (answer.type !== 'welcome') {
      throw new LandfallError('validation', `The server at ${host} did not answer with a welcome`)
    }
    return { host, channel, welcome: jsonPayload(answer) as unknown as Welcome, frames }
  } catch (error) {
    channel.destroy()
    throw error
  } finally {
    ending.removeEventListener('abort', onAbort)
  }
}

function refusalOf(received: Frame): Refusal {
  return jsonPayload(received) as unknown as Refusal
}
