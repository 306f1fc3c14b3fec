import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { newId } from '@landfall/model'
import {
  Channel,
  frame,
  jsonFrame,
  jsonPayload,
  KeyedHash,
  newHashKey,
  PROTOCOL_VERSION,
  type Frame,
  type Hello,
} from '@landfall/wire'
import type { TestIdentity } from './test-certificates.ts'

const HASH_KEY = newHashKey()

/** Speaks the protocol as an agent does, or as one never should. */
export class TestAgent implements AsyncDisposable {
  readonly channel: Channel
  /** For bytes that are not frames. */
  readonly socket: Duplex
  readonly #frames: AsyncGenerator<Frame, void>
  #sequence = 0

  private constructor(socket: Duplex) {
    this.socket = socket
    this.channel = new Channel(socket)
    this.#frames = this.channel[Symbol.asyncIterator]()
  }

  static async connect(port: number, identity: TestIdentity): Promise<TestAgent> {
    const socket = connect({
      host: '127.0.0.1',
      port,
      key: identity.keyPem,
      cert: identity.certificatePem,
      ca: identity.caPem,
    })
    await once(socket, 'secureConnect')
    return new TestAgent(socket)
  }

  /** The next frame; undefined when the connection has ended. */
  async next(): Promise<Frame | undefined> {
    return (await this.#frames.next()).value ?? undefined
  }

  async hello(hello: Hello): Promise<Frame | undefined> {
    await this.channel.send(jsonFrame('hello', 0, hello))
    return await this.next()
  }

  /**
   * Sends a request and gives the next frame, which is its answer when nothing else is under way.
   */
  async ask(type: Frame['type'], fields: Partial<Omit<Frame, 'type'>> = {}): Promise<Frame> {
    await this.send(type, fields)
    const answer = await this.next()
    if (answer === undefined) throw new Error('The connection ended without an answer')
    return answer
  }

  /** In hex, of a range of the volume, or of a point; by the key of `keyedHash`. */
  async hash(fields: Partial<Omit<Frame, 'type'>>, pointID?: string): Promise<string> {
    const payload = Buffer.from(JSON.stringify({ key: HASH_KEY.toString('base64'), pointID }))
    const answer = await this.ask('hash', { ...fields, payload })
    if (answer.type !== 'digest') throw new Error(`A hash was answered by ${answer.type}`)
    return Buffer.from(answer.payload).toString('hex')
  }

  async send(type: Frame['type'], fields: Partial<Omit<Frame, 'type'>> = {}): Promise<void> {
    await this.channel.send(frame(type, { sequence: ++this.#sequence, ...fields }))
  }

  /** Reads on to the end; the code of the `fatal` that came before it. */
  async fatalCode(): Promise<unknown> {
    for (;;) {
      const received = await this.next()
      if (received === undefined) return undefined
      if (received.type !== 'fatal') continue
      const { code } = jsonPayload(received)
      await this.next().catch(() => undefined)
      return code
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.channel.destroy()
    await this.channel.closed
  }
}

/** In hex. */
export function keyedHash(data: Uint8Array): string {
  return new KeyedHash(HASH_KEY).update(data).digest().toString('hex')
}

export function someHello(sourceServerID: string, disks: Hello['disks']): Hello {
  return { protocolVersion: PROTOCOL_VERSION, sourceServerID, sessionID: newId('command'), disks }
}
