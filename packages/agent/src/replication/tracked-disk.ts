import { errorText, MIB } from '@landfall/model'
import { DirectDisk, DirtyMap, diskShape, endOf, type Extent } from '@landfall/block'
import { identityOf, pathNumbers, refuseStacked } from './disk-identity.ts'
import { InFlight } from './in-flight.ts'

/**
 * Clean bytes between two dirty extents that are read and sent along with them: less work on both
 * ends than a read, a frame and a write more.
 */
const GAP_BYTES_MAX = 8192

/** A disk whose reads failed is tried again after this. */
const RETRY_MS = 30_000

/**
 * Where a disk is on its way to a replica. `initial`: everything from the cursor on was never read.
 * `rescan`: everything from the cursor on still has to be compared. `steady`: the map says it all.
 */
export type DiskPhase =
  | { readonly kind: 'initial'; readonly cursor: number }
  | { readonly kind: 'rescan'; readonly cursor: number; readonly open: number }
  | { readonly kind: 'steady' }

/**
 * A source disk with everything known about its replica. Each byte that may differ is in one of
 * three places: dirty in the map, in flight, or written there and not yet durable.
 */
export class TrackedDisk implements AsyncDisposable {
  readonly deviceName: string
  readonly index: number
  readonly deviceNumber: number
  /** Tells one attachment of a device from the next, where the kernel counts them. */
  readonly identity: string
  /** Coarse maps that are to hear of every write, beside the map itself. */
  readonly observers = new Set<DirtyMap>()
  phase: DiskPhase = { kind: 'steady' }
  /** What writes have made dirty that was not, since the start. */
  dirtiedBytes = 0
  /** Why the disk cannot be read at present. */
  error: string | undefined
  #map: DirtyMap
  /** Ranges of the replica that are known to read as zeros; empty once nothing is. */
  #untouched: DirtyMap
  readonly #inFlight = new InFlight()
  #disk: DirectDisk
  #unflushed: Extent[] = []
  #unflushedBytes = 0
  #sweepFrom = 0
  #rescanAfterInitial = false
  #retryAtMs = 0
  #writeNumbers: readonly number[]

  private constructor(
    disk: DirectDisk,
    index: number,
    found: { readonly identity: string; readonly writeNumbers: readonly number[] },
  ) {
    const { identity, writeNumbers } = found
    this.#disk = disk
    this.#writeNumbers = writeNumbers
    this.deviceName = disk.devicePath
    this.index = index
    this.identity = identity
    this.deviceNumber = disk.deviceNumber
    this.#map = new DirtyMap(disk.sizeBytes)
    this.#untouched = new DirtyMap(disk.sizeBytes, MIB)
  }

  /** Throws a LandfallError that names the disk when it cannot be replicated. */
  static async open(devicePath: string, index: number, sys = '/sys'): Promise<TrackedDisk> {
    const paths = await pathNumbers(devicePath, sys)
    if (paths === undefined) await refuseStacked(devicePath)
    const disk = await DirectDisk.open(devicePath)
    const writeNumbers = [disk.deviceNumber, ...(paths ?? [])]
    return new TrackedDisk(disk, index, { identity: await identityOf(devicePath), writeNumbers })
  }

  get sizeBytes(): number {
    return this.#map.sizeBytes
  }

  get map(): DirtyMap {
    return this.#map
  }

  /** Numbers of the devices whose completed writes are this disk's: its own, and its paths'. */
  get writeNumbers(): readonly number[] {
    return this.#writeNumbers
  }

  /** Looks which paths lead to the disk now; true when they are others than before. */
  async findPaths(sys = '/sys'): Promise<boolean> {
    const paths = await pathNumbers(this.deviceName, sys).catch(() => undefined)
    if (paths === undefined) return false
    const before = this.#writeNumbers.join()
    this.#writeNumbers = [this.deviceNumber, ...paths]
    return this.#writeNumbers.join() !== before
  }

  /** Hears of a completed write. */
  recordWrite(extent: Extent): void {
    const before = this.map.dirtyBytes
    this.map.add(extent)
    this.dirtiedBytes += this.map.dirtyBytes - before
    for (const observer of this.observers) observer.add(extent)
  }

  /** The disk's size now; undefined when it is gone, or another has its name. */
  async presentBytes(): Promise<number | undefined> {
    return await diskShape(this.deviceName).then(
      (shape) => (shape.deviceNumber === this.deviceNumber ? shape.sizeBytes : undefined),
      () => undefined,
    )
  }

  /**
   * Takes in that the disk has grown, when it has: all of the new space is to be read, and the
   * replica's is zeros. To be called when nothing is in flight.
   */
  async grow(): Promise<boolean> {
    if (((await this.presentBytes()) ?? 0) <= this.sizeBytes) return false
    const before = this.sizeBytes
    // Old kernels tell the new size only to those who open it.
    const disk = await DirectDisk.open(this.deviceName)
    await this.#disk[Symbol.asyncDispose]()
    this.#disk = disk
    this.#map = this.#map.enlarged(disk.sizeBytes)
    this.#map.add({ offset: before, length: disk.sizeBytes - before })
    this.#untouched = this.#untouched.enlarged(disk.sizeBytes)
    const untouchedFrom = Math.ceil(before / MIB) * MIB
    if (untouchedFrom < disk.sizeBytes) {
      const length = disk.sizeBytes - untouchedFrom
      this.#untouched.add({ offset: untouchedFrom, length })
    }
    if (this.phase.kind === 'steady') this.phase = { kind: 'initial', cursor: before }
    return true
  }

  /** Until it has the size again that it had, what is read of the disk is not to be relied on. */
  shrunk(presentBytes: number): void {
    const sizes = `from ${this.sizeBytes} to ${presentBytes} bytes`
    const remedy = 'give it its size back, or run the installer again for a new replica of it'
    this.error = `${this.deviceName} has shrunk ${sizes}: ${remedy}`
    // Its size tells at once when it is as before.
    this.#retryAtMs = 0
  }

  /** The device went, perhaps for good. */
  removed(): void {
    const remedy = 'bring it back, or run the installer again and leave it out with --devices'
    this.error = `${this.deviceName} was removed from this server: ${remedy}`
    this.#retryAtMs = 0
  }

  /** The replica is all zeros: read everything, send what is not. */
  startInitialSync(): void {
    this.map.addAll()
    this.#untouched.addAll()
    this.#unflushed = []
    this.#unflushedBytes = 0
    this.phase = { kind: 'initial', cursor: 0 }
  }

  /** Writes may have been missed: compare everything. During the initial sync, right after it. */
  startRescan(): void {
    if (this.phase.kind === 'initial') this.#rescanAfterInitial = true
    else this.phase = { kind: 'rescan', cursor: 0, open: this.#openRanges }
  }

  /**
   * Takes the next dirty extent into flight, its bits cleared before it is read. What overlaps an
   * extent in flight waits, so that writes to a block arrive in the order of its reads.
   */
  takeNext(lengthMax: number): Extent | undefined {
    const { phase } = this
    if (phase.kind === 'initial' && phase.cursor < this.sizeBytes) {
      const extent = this.#takeFrom(phase.cursor, lengthMax)
      this.phase = {
        kind: 'initial',
        cursor: extent === undefined ? this.sizeBytes : endOf(extent),
      }
      return extent ?? this.takeNext(lengthMax)
    }
    const extent = this.#takeFrom(this.#sweepFrom, lengthMax) ?? this.#takeFrom(0, lengthMax)
    if (extent !== undefined) this.#sweepFrom = endOf(extent)
    return extent
  }

  /**
   * Takes everything dirty into flight, also what overlaps extents in flight: the caller sees to
   * the order in which they arrive.
   */
  takeAll(lengthMax: number): Extent[] {
    const extents: Extent[] = []
    for (let from = 0; ;) {
      const extent = this.map.find(from, lengthMax)
      if (extent === undefined) return extents
      this.#take(extent)
      extents.push(extent)
      from = endOf(extent)
    }
  }

  /** Whether the replica is known to hold zeros over the whole extent. */
  isUntouched(extent: Extent): boolean {
    const found = this.#untouched.find(Math.floor(extent.offset / MIB) * MIB, this.sizeBytes)
    return found !== undefined && found.offset <= extent.offset && endOf(found) >= endOf(extent)
  }

  /** Data is about to be sent there. */
  touch(extent: Extent): void {
    if (!this.#untouched.isEmpty) this.#untouched.remove(extent)
  }

  /** The extent in flight equals the replica, durably: there was nothing to send. */
  settled(extent: Extent): void {
    this.#inFlight.remove(extent)
  }

  /** The extent in flight was written there; it is remembered until the next flush. */
  written(extent: Extent): void {
    this.#inFlight.remove(extent)
    this.#unflushed.push(extent)
    this.#unflushedBytes += extent.length
  }

  /** The extent in flight did not arrive: it is dirty again. */
  putBack(extent: Extent): void {
    this.#inFlight.remove(extent)
    this.map.add(extent)
    this.#sendAgain(extent)
  }

  /** Everything written before is durable now. Called when nothing is in flight. */
  flushed(): void {
    this.#unflushed = []
    this.#unflushedBytes = 0
    if (this.phase.kind !== 'initial' || this.phase.cursor < this.sizeBytes) return
    this.phase = { kind: 'steady' }
    if (this.#rescanAfterInitial) this.startRescan()
    this.#rescanAfterInitial = false
  }

  /** The session broke: what was not durable may be lost there. */
  putBackUnflushed(): void {
    for (const extent of this.#unflushed) {
      this.map.add(extent)
      this.#sendAgain(extent)
    }
    this.#unflushed = []
    this.#unflushedBytes = 0
  }

  get inFlightBytes(): number {
    return this.#inFlight.bytes
  }

  get unflushedBytes(): number {
    return this.#unflushedBytes
  }

  get unflushedExtents(): number {
    return this.#unflushed.length
  }

  /** Bytes that may differ from a durable replica. */
  get backlogBytes(): number {
    return this.map.dirtyBytes + this.#inFlight.bytes + this.#unflushedBytes
  }

  /** Whether the replica may differ within the range at this moment. */
  isUnsettled(extent: Extent): boolean {
    return this.map.touches(extent) || this.#inFlight.touches(extent)
  }

  /** The next range to compare; `compared` or `notCompared` must follow. */
  takeRescanRange(lengthMax: number): Extent | undefined {
    if (this.phase.kind !== 'rescan' || this.phase.cursor >= this.sizeBytes) return undefined
    const { cursor, open } = this.phase
    const extent = { offset: cursor, length: Math.min(lengthMax, this.sizeBytes - cursor) }
    this.phase = { kind: 'rescan', cursor: endOf(extent), open: open + 1 }
    return extent
  }

  compared(extent: Extent, isEqual: boolean): void {
    if (!isEqual) this.map.add(extent)
    this.#closeRange(undefined)
  }

  notCompared(extent: Extent): void {
    this.#closeRange(extent.offset)
  }

  /** Reads into aligned memory. A failure is kept in `error`, and thrown. */
  async read(offset: number, target: Uint8Array): Promise<void> {
    try {
      await this.#disk.read(offset, target)
    } catch (error) {
      this.error = errorText(error)
      this.#retryAtMs = performance.now() + RETRY_MS
      throw error
    }
  }

  /**
   * Opens a failed disk again when it is time to; writes may have been missed meanwhile, so that it
   * is compared as a whole. True when the disk is back.
   */
  async retry(): Promise<boolean> {
    if (this.error === undefined || performance.now() < this.#retryAtMs) return false
    this.#retryAtMs = performance.now() + RETRY_MS
    if ((await this.presentBytes()) === undefined) {
      this.removed()
      return false
    }
    try {
      const disk = await DirectDisk.open(this.deviceName)
      if (disk.sizeBytes < this.sizeBytes) {
        await disk[Symbol.asyncDispose]()
        this.shrunk(disk.sizeBytes)
        return false
      }
      await this.#disk[Symbol.asyncDispose]()
      this.#disk = disk
    } catch (error) {
      this.error = errorText(error)
      return false
    }
    this.error = undefined
    this.startRescan()
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disk[Symbol.asyncDispose]()
  }

  get #openRanges(): number {
    return this.phase.kind === 'rescan' ? this.phase.open : 0
  }

  /** The initial sync is complete only when all of it is durable. */
  #sendAgain(extent: Extent): void {
    if (this.phase.kind !== 'initial' || this.phase.cursor <= extent.offset) return
    this.phase = { kind: 'initial', cursor: extent.offset }
  }

  #closeRange(againFrom: number | undefined): void {
    if (this.phase.kind !== 'rescan') return
    const open = this.phase.open - 1
    const cursor = Math.min(this.phase.cursor, againFrom ?? this.sizeBytes)
    const isDone = open === 0 && cursor >= this.sizeBytes
    this.phase = isDone ? { kind: 'steady' } : { kind: 'rescan', cursor, open }
  }

  #take(extent: Extent): void {
    this.map.remove(extent)
    this.#inFlight.add(extent)
  }

  #takeFrom(fromOffset: number, lengthMax: number): Extent | undefined {
    for (let from = fromOffset; ;) {
      const found = this.map.find(from, lengthMax)
      if (found === undefined) return undefined
      const wide = this.#withNeighbours(found, lengthMax)
      const blocked = this.#inFlight.firstOverlap(wide)
      if (blocked === undefined || blocked.offset > wide.offset) {
        const length = blocked === undefined ? wide.length : blocked.offset - wide.offset
        const extent = { offset: wide.offset, length }
        this.#take(extent)
        return extent
      }
      from = endOf(blocked)
    }
  }

  #withNeighbours(first: Extent, lengthMax: number): Extent {
    const endMax = first.offset + lengthMax
    let end = endOf(first)
    for (;;) {
      const next = end < endMax ? this.map.find(end, endMax - end) : undefined
      if (next === undefined || next.offset - end > GAP_BYTES_MAX) break
      if (endOf(next) > endMax) break
      end = endOf(next)
    }
    return { offset: first.offset, length: end - first.offset }
  }
}
