import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import {
  Channel,
  type Frame,
  frame,
  type FrameType,
  jsonFrame,
  jsonPayload,
  PROTOCOL_VERSION,
} from '@landfall/wire'
import type { Identity } from './openssl.ts'
import { DISK_BYTES, type Site } from './site.ts'

/** The agent's own key and certificate, as someone has them who copied its folder. */
export async function identityOf(site: Site): Promise<Identity> {
  const { installDir } = site.agent
  return {
    key: await readFile(join(installDir, 'agent.key'), 'utf8'),
    cert: await readFile(join(installDir, 'agent.crt'), 'utf8'),
  }
}

/** A client of a replication server that speaks as an agent does, or as one never should. */
export class Stranger implements AsyncDisposable {
  /** For bytes that are not frames. */
  readonly socket: TLSSocket
  readonly channel: Channel
  readonly #frames: AsyncGenerator<Frame, void>
  readonly #site: Site

  private constructor(site: Site, socket: TLSSocket) {
    this.#site = site
    this.socket = socket
    this.channel = new Channel(socket)
    this.#frames = this.channel[Symbol.asyncIterator]()
  }

  static async connect(site: Site, identity: Identity): Promise<Stranger> {
    const { caFile, replicationPort: port } = site.installation
    const ca = await readFile(caFile, 'utf8')
    const socket = connect({ host: '127.0.0.1', port, ca, ...identity })
    await once(socket, 'secureConnect')
    return new Stranger(site, socket)
  }

  /** The next frame; undefined when the connection has ended or broke. */
  async next(): Promise<Frame | undefined> {
    const result = await this.#frames.next().catch(() => undefined)
    return result?.value ?? undefined
  }

  /** Sends a hello of a new session for this source server, and gives the answer. */
  async hello(sourceServerID = this.#site.id): Promise<Frame | undefined> {
    const disks = [{ deviceName: this.#site.disk.device, sizeBytes: DISK_BYTES }]
    const hello = {
      protocolVersion: PROTOCOL_VERSION,
      sourceServerID,
      sessionID: randomUUID(),
      disks,
    }
    await this.channel.send(jsonFrame('hello', 0, hello))
    return await this.next()
  }

  async send(type: FrameType, fields: Partial<Omit<Frame, 'type'>> = {}): Promise<void> {
    await this.channel.send(frame(type, { sequence: 1, ...fields }))
  }

  /** Reads to the end: the code of the `fatal` that came, or `closed` without one. */
  async ending(): Promise<string> {
    for (;;) {
      const received = await this.next()
      if (received === undefined) return 'closed'
      if (received.type === 'fatal') return codeOf(received)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.channel.destroy()
    await this.channel.closed
  }
}

/** Why an answer refuses. */
export function codeOf(refused: Frame): string {
  return String(jsonPayload(refused)['code'])
}
