import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import type { PointDescription } from '@landfall/model'
import {
  Channel,
  dataPayload,
  frame,
  jsonFrame,
  jsonPayload,
  KeyedHash,
  scatterRanges,
  type Frame,
  type HashRequest,
  type Hello,
  type Refusal,
} from '@landfall/wire'

interface Volume {
  readonly deviceName: string
  bytes: Buffer
  pristine: boolean
  /** Where `bytes` begin on the disk; all before it is zeros, and stays so. */
  readonly from: number
}

export interface Certificates {
  readonly keyPem: string
  readonly certificatePem: string
  readonly caPem: string
}

/**
 * Test fixture: a replication server that keeps its volumes in memory. It is as honest as the real
 * one: what was written and not flushed is lost by `crash`, a new session waits for the older one's
 * writes.
 */
export class MemoryReplicationServer implements AsyncDisposable {
  readonly points = new Map<string, { description: PointDescription; disks: Map<string, Buffer> }>()
  /** The types of the frames received, for tests that look at their order. */
  readonly received: { type: Frame['type']; length: number }[] = []
  /** Answers writes with this refusal while it is set. */
  refusal: Refusal | undefined
  /** Each write takes up to this, so that answers come out of order. */
  writeMsMax = 0
  readonly #volumes = new Map<string, Volume>()
  readonly #server: tls.Server
  readonly #channels = new Set<Channel>()
  readonly #undo: { volume: Volume; offset: number; before: Buffer; pristine: boolean }[] = []
  #sessionID = ''
  #order: string[] = []
  #open = 0

  private constructor(certificates: Certificates) {
    this.#server = tls.createServer({
      key: certificates.keyPem,
      cert: certificates.certificatePem,
      ca: certificates.caPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    })
    this.#server.on('secureConnection', (socket) => void this.#serve(new Channel(socket)))
    this.#server.on('tlsClientError', () => undefined)
  }

  static async start(certificates: Certificates): Promise<MemoryReplicationServer> {
    const server = new MemoryReplicationServer(certificates)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The live volume of a disk. */
  volume(deviceName: string): Buffer {
    const volume = this.#volumes.get(deviceName)
    if (volume === undefined) throw new Error(`no volume of ${deviceName}`)
    return volume.bytes
  }

  /** A replica that was complete before, and zeros but for its last bytes, which alone are kept. */
  keepEnd(deviceName: string, sizeBytes: number, keptBytes: number): void {
    const bytes = Buffer.alloc(keptBytes)
    this.#volumes.set(deviceName, {
      deviceName,
      bytes,
      pristine: false,
      from: sizeBytes - keptBytes,
    })
  }

  /** Cuts every connection. */
  cut(): void {
    for (const channel of this.#channels) channel.destroy()
  }

  /** Cuts every connection and loses everything that was not flushed, as a power failure does. */
  crash(): void {
    this.cut()
    for (const { volume, offset, before, pristine } of this.#undo.toReversed()) {
      before.copy(volume.bytes, offset)
      volume.pristine = pristine
    }
    this.#undo.length = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(channel: Channel): Promise<void> {
    this.#channels.add(channel)
    void channel.closed.then(() => this.#channels.delete(channel))
    let greeted = false
    try {
      for await (const received of channel) {
        this.received.push({ type: received.type, length: received.length })
        if (!greeted) await this.#greet(channel, received)
        // One after the other per connection would hide reordering.
        else void this.#answer(channel, received)
        greeted = true
      }
    } catch (error) {
      const refusal: Refusal = { code: 'bad_frame', message: String(error) }
      // A connection that is already broken takes no more frames.
      channel.send(jsonFrame('fatal', 0, refusal)).catch(() => undefined)
    }
    channel.close()
  }

  async #greet(channel: Channel, received: Frame): Promise<void> {
    const hello = jsonPayload(received) as unknown as Hello
    if (hello.sessionID !== this.#sessionID) {
      for (const other of this.#channels) if (other !== channel) other.destroy()
      while (this.#open > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      this.#sessionID = hello.sessionID
    }
    this.#order = hello.disks.map((disk) => disk.deviceName)
    for (const { deviceName, sizeBytes } of hello.disks) {
      const known = this.#volumes.get(deviceName)
      if (known === undefined) {
        const bytes = Buffer.alloc(sizeBytes)
        this.#volumes.set(deviceName, { deviceName, bytes, pristine: true, from: 0 })
      } else if (endOf(known) < sizeBytes) {
        known.bytes = Buffer.concat([known.bytes, Buffer.alloc(sizeBytes - endOf(known))])
      }
    }
    const disks = this.#order.map((deviceName) => {
      const volume = this.#volumes.get(deviceName) as Volume
      return { deviceName, sizeBytes: endOf(volume), pristine: volume.pristine }
    })
    await channel.send(jsonFrame('welcome', received.sequence, { disks }))
  }

  async #answer(channel: Channel, received: Frame): Promise<void> {
    this.#open += 1
    const answer = await this.#perform(received).catch((error: unknown) => {
      channel.destroy(error as Error)
      return undefined
    })
    this.#open -= 1
    if (answer !== undefined) await channel.send(answer).catch(() => undefined)
  }

  async #perform(received: Frame): Promise<Frame> {
    const { sequence } = received
    if (received.type === 'data' || received.type === 'zero') return await this.#write(received)
    if (received.type === 'scatter') return await this.#writeScattered(received)
    if (received.type === 'hash') {
      return frame('digest', { sequence, payload: this.#digest(received) })
    }
    if (received.type === 'point') {
      this.#snapshot(jsonPayload(received) as unknown as PointDescription)
    } else if (received.type !== 'flush') throw new Error(`unexpected ${received.type}`)
    this.#undo.length = 0
    return frame('durable', { sequence })
  }

  async #write(received: Frame): Promise<Frame> {
    const { sequence, offset, length } = received
    const volume = this.#volumeOf(received)
    const content = received.type === 'zero' ? Buffer.alloc(length) : await dataPayload(received)
    await this.#delay()
    if (this.refusal !== undefined) return jsonFrame('refused', sequence, this.refusal)
    this.#put(volume, offset, content)
    return frame('written', { sequence })
  }

  async #writeScattered(received: Frame): Promise<Frame> {
    const { sequence } = received
    const volume = this.#volumeOf(received)
    const ranges = scatterRanges(received, await dataPayload(received))
    await this.#delay()
    if (this.refusal !== undefined) return jsonFrame('refused', sequence, this.refusal)
    for (const { offset, data } of ranges) this.#put(volume, offset, data)
    return frame('written', { sequence })
  }

  #put(volume: Volume, diskOffset: number, content: Uint8Array): void {
    const offset = diskOffset - volume.from
    if (offset < 0 || offset + content.length > volume.bytes.length) throw new Error('range')
    const before = Buffer.from(volume.bytes.subarray(offset, offset + content.length))
    this.#undo.push({ volume, offset, before, pristine: volume.pristine })
    volume.bytes.set(content, offset)
    volume.pristine = false
  }

  #volumeOf(received: Frame): Volume {
    const volume = this.#volumes.get(this.#order[received.disk] ?? '')
    if (volume === undefined) throw new Error('no such disk')
    return volume
  }

  async #delay(): Promise<void> {
    if (this.writeMsMax === 0) return
    await new Promise((resolve) => setTimeout(resolve, Math.random() * this.writeMsMax))
  }

  #digest(received: Frame): Buffer {
    const { offset, length } = received
    const deviceName = this.#order[received.disk] ?? ''
    const { key, pointID } = jsonPayload(received) as unknown as HashRequest
    const bytes =
      pointID === undefined
        ? this.volume(deviceName)
        : this.points.get(pointID)?.disks.get(deviceName)
    if (bytes === undefined) throw new Error('no such point')
    const range = bytes.subarray(offset, offset + length)
    return new KeyedHash(Buffer.from(key, 'base64')).update(range).digest()
  }

  #snapshot(description: PointDescription): void {
    this.#undo.length = 0
    if (this.points.has(description.pointID)) return
    const disks = new Map<string, Buffer>()
    for (const name of this.#order) disks.set(name, Buffer.from(this.volume(name)))
    this.points.set(description.pointID, { description, disks })
  }
}

function endOf({ from, bytes }: Volume): number {
  return from + bytes.length
}

/** A private CA with one certificate for both ends, for the length of a test. */
export function testCertificates(commonName: string): Certificates {
  const folder = mkdtempSync('/tmp/landfall-ca-')
  const file = (name: string): string => path.join(folder, name)
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  try {
    writeFileSync(file('san'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
    const forCa = ['-x509', ...curve, '-days', '2', '-subj', '/CN=Test CA']
    openssl('req', ...forCa, '-keyout', file('ca.key'), '-out', file('ca.crt'))
    const subject = ['-subj', `/OU=agent/CN=${commonName}`]
    openssl('req', ...curve, ...subject, '-keyout', file('key'), '-out', file('csr'))
    const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial']
    const outcome = ['-days', '2', '-extfile', file('san'), '-out', file('crt')]
    openssl('x509', '-req', '-in', file('csr'), ...signing, ...outcome)
    const read = (name: string): string => readFileSync(file(name), 'utf8')
    return { keyPem: read('key'), certificatePem: read('crt'), caPem: read('ca.crt') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
