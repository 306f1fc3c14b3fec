import { LandfallError, type PointDescription, type PointRecord } from '@landfall/model'
import {
  jsonFrame,
  KeyedHash,
  type Channel,
  type Hello,
  type Refusal,
  type ScatterRange,
  type Welcome,
} from '@landfall/wire'
import { Gate } from '../volumes/gate.ts'
import type { PointReader, StagingVolume, VolumeSet } from '../volumes/staging-volume.ts'
import { checkConnectionCount, matchDisks } from './hello.ts'
import { FatalRefusal } from './refused.ts'

/** Bytes asked for at a time: bounds what a hash of any range makes the storage daemon hold. */
const READ_BYTES = 1024 * 1024

/** Of the live volume, unless a point is named. */
interface HashedRange {
  readonly disk: number
  readonly offset: number
  readonly length: number
  readonly key: Uint8Array
  readonly pointID: string | undefined
}

interface OpenPoint {
  readonly pointID: string
  readonly readers: Map<number, Promise<PointReader>>
}

/**
 * One run of replication of one source server, over all its connections. Once it has ended it
 * begins no operation any more, and `idle` resolves when none of its operations is under way: the
 * session after it may then write.
 */
export class Session {
  readonly id: string
  /** Settles when the session has ended, with the reason when there is one. */
  readonly ended: Promise<Refusal | undefined>
  readonly #set: VolumeSet
  readonly #indices: readonly number[]
  readonly #volumes: readonly StagingVolume[]
  readonly #channels = new Set<Channel>()
  readonly #gate = new Gate()
  readonly #ended = Promise.withResolvers<Refusal | undefined>()
  #hasEnded = false
  #openPoint: OpenPoint | undefined

  constructor(hello: Hello, set: VolumeSet) {
    this.id = hello.sessionID
    this.#set = set
    this.#indices = matchDisks(hello, set.describe())
    this.#volumes = this.#indices.map((index) => set.volume(index))
    this.ended = this.#ended.promise
    void set.lost.then((reason) =>
      this.end({ code: 'storage_failed', message: `The volumes are opened anew: ${reason}` }),
    )
  }

  /** Adds a connection; when it breaks, the session ends. */
  join(channel: Channel, hello: Hello): Welcome {
    this.throwIfEnded()
    checkConnectionCount(this.#channels.size)
    matchDisks(hello, this.#set.describe())
    this.#channels.add(channel)
    void channel.closed.then(() => this.end())
    const volumes = this.#set.describe()
    const disks = this.#indices.flatMap((index) => volumes[index] ?? [])
    return {
      disks: disks.map(({ deviceName, sizeBytes, pristine }) => ({
        deviceName,
        sizeBytes,
        pristine,
      })),
    }
  }

  /** Closes all connections, after telling them `reason`. Ending twice is fine. */
  end(reason?: Refusal): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    for (const channel of this.#channels) {
      if (reason !== undefined) {
        channel.send(jsonFrame('fatal', 0, reason)).catch(() => undefined) // It is gone already.
      }
      channel.close()
    }
    void this.#gate.idle().then(() => this.#closePoint())
    this.#ended.resolve(reason)
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  async idle(): Promise<void> {
    await this.#gate.idle()
  }

  throwIfEnded(): void {
    if (this.#hasEnded) throw new FatalRefusal('superseded', 'The session has ended')
  }

  diskBytes(disk: number): number | undefined {
    return this.#volumes[disk]?.sizeBytes
  }

  /** `content` is awaited within the operation, so that the session is not idle before it. */
  write(disk: number, offset: number, content: () => Promise<Uint8Array>): Promise<void> {
    return this.#run(async () => {
      const data = await content()
      this.throwIfEnded()
      await this.#volumes[disk]?.write(offset, data)
    })
  }

  writeScattered(disk: number, content: () => Promise<readonly ScatterRange[]>): Promise<void> {
    return this.#run(async () => {
      const ranges = await content()
      this.throwIfEnded()
      await this.#volumes[disk]?.writeAll(ranges)
    })
  }

  writeZeroes(disk: number, offset: number, length: number): Promise<void> {
    return this.#run(async () => await this.#volumes[disk]?.writeZeroes(offset, length))
  }

  /** Every write that was answered before the call is durable on all disks; others go on. */
  flush(): Promise<void> {
    return this.#run(() => this.#set.flush())
  }

  /** A point is of all disks: a session without one of them makes none. */
  createPoint(description: PointDescription): Promise<PointRecord> {
    return this.#gate.exclusive(async () => {
      this.throwIfEnded()
      const absent = this.#set
        .describe()
        .filter(({ retired }, index) => !retired && !this.#indices.includes(index))
      if (absent.length > 0) {
        const names = absent.map(({ deviceName }) => deviceName).join(', ')
        const sentence = `The agent does not replicate ${names} at present`
        const remedy = 'Bring it back, or run the installer again and leave it out with --devices'
        const why = 'a point needs every disk of the server'
        throw new LandfallError('not_found', `${sentence}: ${why}. ${remedy}`)
      }
      return this.#set.createPoint(description)
    })
  }

  /** Keyed hash of a range of the volume, or of the disk as it was at a point. */
  hash(range: HashedRange): Promise<Buffer> {
    const { disk, offset, length, key, pointID } = range
    return this.#run(async () => {
      const source =
        pointID === undefined ? this.#volumes[disk] : await this.#pointReader(pointID, disk)
      const hash = new KeyedHash(key)
      for (let done = 0; done < length; done += READ_BYTES) {
        this.throwIfEnded()
        const bytes = Math.min(READ_BYTES, length - done)
        await source?.read(offset + done, bytes, (piece) => void hash.update(piece))
      }
      return hash.digest()
    })
  }

  #run<T>(operation: () => Promise<T>): Promise<T> {
    return this.#gate.shared(() => {
      this.throwIfEnded()
      return operation()
    })
  }

  /** One point is kept open at a time: it is compared range by range. */
  #pointReader(pointID: string, disk: number): Promise<PointReader> {
    if (this.#openPoint?.pointID !== pointID) {
      const before = this.#openPoint
      this.#openPoint = { pointID, readers: new Map() }
      void this.#gate.idle().then(() => closeReaders(before))
    }
    const { readers } = this.#openPoint ?? { readers: new Map<number, Promise<PointReader>>() }
    const open = readers.get(disk) ?? this.#set.openPoint(pointID, this.#indices[disk] ?? -1)
    readers.set(disk, open)
    return open
  }

  async #closePoint(): Promise<void> {
    const open = this.#openPoint
    this.#openPoint = undefined
    await closeReaders(open)
  }
}

async function closeReaders(open: OpenPoint | undefined): Promise<void> {
  for (const opening of open?.readers.values() ?? []) {
    // What could not be opened, or is gone with its daemon, is closed.
    await opening.then((reader) => reader[Symbol.asyncDispose]()).catch(() => undefined)
  }
}
