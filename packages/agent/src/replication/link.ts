import { randomUUID } from 'node:crypto'
import type { BufferPool } from '@landfall/block'
import { errorText, LandfallError } from '@landfall/model'
import { pause } from '../running/wakeup.ts'
import type { Compressor } from './compressor.ts'
import { RangeComparer } from './range-comparer.ts'
import type { LinkState } from './replication-progress.ts'
import { rescanDisks } from './rescan.ts'
import { Sender, type SenderOptions } from './sender.ts'
import { RefusedError, Session } from './session.ts'
import type { StageMeter } from './stage-meter.ts'
import type { Throttle } from './throttle.ts'
import type { TrackedDisk } from './tracked-disk.ts'

const RECONNECT_MS_MIN = 500
const RECONNECT_MS_MAX = 30_000

export interface ReplicationServer {
  readonly sourceServerID: string
  /** Tried in this order. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly tls: {
    readonly keyPem: string
    readonly certificatePem: string
    readonly caPem: string
  }
  readonly connections: number
}

export interface LinkOptions {
  readonly server: ReplicationServer
  readonly disks: readonly TrackedDisk[]
  readonly pool: BufferPool
  readonly throttle: Throttle
  readonly compressor: Compressor
  readonly counters: SenderOptions['counters']
  readonly stages: StageMeter
  readonly onDurable: SenderOptions['onDurable']
  /** A session began or ended. */
  readonly onChange: () => void
  readonly log: (message: string) => void
}

/** A session, and what sends and compares over it. */
export interface OpenLink {
  readonly session: Session
  readonly sender: Sender
  readonly comparer: RangeComparer
}

/** The way to the replication server: one session after the other, for as long as it runs. */
export class Link {
  readonly #options: LinkOptions
  #open: OpenLink | undefined
  #wasConnected = false
  /** The one that answered last. */
  #address: string | undefined
  #changedAtMs = performance.now()
  #nextAttemptAtMs: number | undefined
  #failure: Error | undefined
  /** Disks whose replica is known to be right but for the map. */
  readonly #known = new Set<TrackedDisk>()

  constructor(options: LinkOptions) {
    this.#options = options
  }

  get open(): OpenLink | undefined {
    return this.#open
  }

  get known(): ReadonlySet<TrackedDisk> {
    return this.#known
  }

  get state(): LinkState {
    return {
      isConnected: this.#open !== undefined,
      wasConnected: this.#wasConnected,
      changedAtMs: this.#changedAtMs,
      nextAttemptAtMs: this.#nextAttemptAtMs,
      failure: this.#failure,
      refusal: this.#open?.sender.refusal,
    }
  }

  /**
   * Connects, replicates until the session ends, and begins again, until `signal` is aborted. What
   * is not known of the replicas from an earlier run is compared first.
   */
  async run(signal: AbortSignal, knownDisks: Iterable<TrackedDisk>): Promise<void> {
    for (const disk of knownDisks) this.#known.add(disk)
    let retryMs = RECONNECT_MS_MIN
    while (!signal.aborted) {
      try {
        await this.#replicate(signal)
      } catch (error) {
        if (this.#wasOfUse(error)) retryMs = RECONNECT_MS_MIN
        this.#closed(error as Error, signal)
      }
      this.#nextAttemptAtMs = performance.now() + retryMs
      await pause(retryMs, signal)
      this.#nextAttemptAtMs = undefined
      retryMs = Math.min(retryMs * 2, RECONNECT_MS_MAX)
    }
  }

  /** Ends the session; the next one begins with the disks as they are then. */
  async reopen(): Promise<void> {
    await this.#open?.session[Symbol.asyncDispose]()
  }

  /** Stops sending, and waits until what was sent is durable. */
  async quiesce(): Promise<void> {
    if (this.#open === undefined) return
    const { sender, session } = this.#open
    using hold = sender.hold()
    await hold.drained()
    await session.request('flush', {}).answered.then(
      () => sender.flushed(),
      // What was not made durable is in the state file.
      () => undefined,
    )
  }

  /** One session, from its connection to its end; throws why it ended. */
  async #replicate(signal: AbortSignal): Promise<never> {
    await using session = await this.#openSession(signal)
    const onStop = (): void => void session[Symbol.asyncDispose]()
    signal.addEventListener('abort', onStop)
    if (signal.aborted) onStop()
    const ended = new AbortController()
    const sender = new Sender({ ...this.#options, session })
    await sender.start()
    const comparer = new RangeComparer({ ...this.#options, session })
    this.#opened({ session, sender, comparer })
    const sending = sender.run().finally(() => ended.abort())
    await rescanDisks({
      disks: this.#options.disks,
      comparer,
      onDifference: () => sender.wake(),
      signal: ended.signal,
    })
    await sending
    signal.removeEventListener('abort', onStop)
    throw await session.ended
  }

  async #openSession(signal: AbortSignal): Promise<Session> {
    const { server, disks } = this.#options
    const { addresses, port, tls, connections, sourceServerID } = server
    for (const disk of disks) {
      const before = disk.sizeBytes
      if (await disk.grow()) {
        const sizes = `from ${before} to ${disk.sizeBytes} bytes`
        this.#options.log(`Disk ${disk.deviceName} has grown ${sizes}: the new space is read`)
      }
    }
    const known = addresses.filter((address) => address === this.#address)
    const session = await Session.open({
      // One that drops our packets costs seconds, at every reconnection if it came first.
      addresses: [...known, ...addresses.filter((address) => address !== this.#address)],
      server: { port, ...tls },
      hello: {
        sourceServerID,
        sessionID: randomUUID(),
        disks: disks.map(({ deviceName, sizeBytes }) => ({ deviceName, sizeBytes })),
      },
      connections,
      signal,
    })
    this.#address = session.host
    for (const disk of disks) this.#beginDisk(disk, session)
    return session
  }

  #beginDisk(disk: TrackedDisk, session: Session): void {
    const volume = session.welcome.disks[disk.index]
    if (volume?.sizeBytes !== disk.sizeBytes) {
      const sizes = `${disk.sizeBytes} bytes here, ${volume?.sizeBytes ?? 0} there`
      const sentence = `The replica of ${disk.deviceName} has another size (${sizes})`
      throw new LandfallError('conflict', `${sentence}: run the installer again`)
    }
    if (volume.pristine) disk.startInitialSync()
    else if (!this.#known.has(disk)) disk.startRescan()
    this.#known.add(disk)
  }

  #opened(open: OpenLink): void {
    this.#options.log('Connected to the replication server')
    if (this.#open === undefined) this.#changedAtMs = performance.now()
    this.#open = open
    this.#failure = undefined
    this.#wasConnected = true
    this.#options.onChange()
  }

  /**
   * Whether the session that has ended is no failed attempt. Two agents that end each other's
   * sessions may each get something done, and are to come to rest all the same.
   */
  #wasOfUse(failure: unknown): boolean {
    if (this.#open === undefined) return false
    if (failure instanceof RefusedError && failure.refusal === 'superseded') return false
    const stoodMs = performance.now() - this.#changedAtMs
    return this.#open.sender.hasMadeDurable || stoodMs > RECONNECT_MS_MAX
  }

  #closed(failure: Error, signal: AbortSignal): void {
    const before = this.#failure === undefined ? '' : errorText(this.#failure)
    if (errorText(failure) !== before && !signal.aborted) {
      this.#options.log(`Not connected to the replication server: ${errorText(failure)}`)
    }
    if (this.#open !== undefined) this.#changedAtMs = performance.now()
    this.#open = undefined
    this.#failure = failure
    this.#options.onChange()
  }
}
