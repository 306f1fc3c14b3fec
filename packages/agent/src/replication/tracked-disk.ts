import { MIB } from '@landfall/model'
import { DirtyMap, endOf, type Extent } from '@landfall/block'
import { InFlight } from './in-flight.ts'
import { SourceDevice } from './source-device.ts'
import { Unflushed } from './unflushed.ts'

/** A scatter frame counts sectors of 512 bytes from its first range in 32 bits. */
const SCATTER_SPAN_BYTES = 2 ** 41

/**
 * Where a disk is on its way to a replica. `initial`: everything from the cursor on was never read.
 * `rescan`: everything from the cursor on still has to be compared. `steady`: the map says it all.
 */
export type DiskPhase =
  | { readonly kind: 'initial'; readonly cursor: number }
  | { readonly kind: 'rescan'; readonly cursor: number; readonly open: number }
  | { readonly kind: 'steady' }

/** What travels together at most. */
export interface BatchLimits {
  readonly extentBytesMax: number
  /** Extents up to this are small: several of them make a batch. */
  readonly smallBytesMax: number
  readonly scatteredBytesMax: number
  readonly scatteredCountMax: number
}

/**
 * A source disk with everything known about its replica. Each byte that may differ is in one of
 * three places: dirty in the map, in flight, or written there and not yet durable.
 */
export class TrackedDisk implements AsyncDisposable {
  /** Its path when it was installed, by which the service knows it. */
  readonly deviceName: string
  readonly index: number
  readonly device: SourceDevice
  /** Coarse maps that are to hear of every write, beside the map itself. */
  readonly observers = new Set<DirtyMap>()
  phase: DiskPhase = { kind: 'steady' }
  /** What writes have made dirty that was not, since the start. */
  dirtiedBytes = 0
  /** Since the start: a rescan shows that the replica is right, an initial sync shows nothing. */
  initialSyncsBegun = 0
  rescansEnded = 0
  #map: DirtyMap
  /** Ranges of the replica that are known to read as zeros; empty once nothing is. */
  #untouched: DirtyMap
  readonly #inFlight = new InFlight()
  /** Taken by the initial sync and not durable yet. */
  readonly #initial = new Set<Extent>()
  readonly #unflushed = new Unflushed()
  #sweepFrom = 0
  #rescanAfterInitial = false

  private constructor(deviceName: string, index: number, device: SourceDevice) {
    this.deviceName = deviceName
    this.index = index
    this.device = device
    this.#map = new DirtyMap(device.sizeBytes)
    this.#untouched = new DirtyMap(device.sizeBytes, MIB)
  }

  /** Throws a LandfallError that names the disk when it cannot be replicated. */
  static async open(
    deviceName: string,
    index: number,
    { devicePath = deviceName, sys = '/sys' } = {},
  ): Promise<TrackedDisk> {
    return new TrackedDisk(deviceName, index, await SourceDevice.open(devicePath, sys))
  }

  /** As far as it is replicated: less than the device has, from its growth to the next session. */
  get sizeBytes(): number {
    return this.#map.sizeBytes
  }

  get map(): DirtyMap {
    return this.#map
  }

  /** Why the disk cannot be read at present. */
  get error(): string | undefined {
    return this.device.error
  }

  /** Hears of a completed write. */
  recordWrite(extent: Extent): void {
    const before = this.map.dirtyBytes
    this.map.add(extent)
    this.dirtiedBytes += this.map.dirtyBytes - before
    for (const observer of this.observers) observer.add(extent)
  }

  /**
   * Takes in that the disk has grown, when it has: all of the new space is to be read, and the
   * replica's is zeros. To be called when nothing is in flight.
   */
  async grow(): Promise<boolean> {
    const before = this.sizeBytes
    if (((await this.device.presentBytes()) ?? 0) <= before) return false
    // Old kernels tell the new size only to those who open it.
    await this.device.reopen()
    const { sizeBytes } = this.device
    this.#map = this.#map.enlarged(sizeBytes)
    this.#map.add({ offset: before, length: sizeBytes - before })
    this.#untouched = this.#untouched.enlarged(sizeBytes)
    const untouchedFrom = Math.ceil(before / MIB) * MIB
    if (untouchedFrom < sizeBytes) {
      this.#untouched.add({ offset: untouchedFrom, length: sizeBytes - untouchedFrom })
    }
    if (this.phase.kind === 'steady') this.phase = { kind: 'initial', cursor: before }
    return true
  }

  /** The replica is all zeros: read everything, send what is not. */
  startInitialSync(): void {
    this.map.addAll()
    this.#untouched.addAll()
    this.#unflushed.takeAll()
    this.#initial.clear()
    this.phase = { kind: 'initial', cursor: 0 }
    this.initialSyncsBegun += 1
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
      if (extent !== undefined) this.#initial.add(extent)
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

  /** As `takeNext`; when that is small, with the small ones that follow it on the disk. */
  takeBatch(limits: BatchLimits): Extent[] {
    const first = this.takeNext(limits.extentBytesMax)
    if (first === undefined) return []
    const extents = [first]
    if (first.length > limits.smallBytesMax || this.phase.kind === 'initial') return extents
    let bytes = first.length
    while (extents.length < limits.scatteredCountMax) {
      // One granule more than is small tells whether it is.
      const next = this.#findFree(this.#sweepFrom, limits.smallBytesMax + this.map.granuleBytes)
      if (next === undefined || next.length > limits.smallBytesMax) break
      bytes += next.length
      if (bytes > limits.scatteredBytesMax) break
      if (endOf(next) - first.offset > SCATTER_SPAN_BYTES) break
      this.#take(next)
      extents.push(next)
      this.#sweepFrom = endOf(next)
    }
    return extents
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
    this.#initial.delete(extent)
  }

  /** The extent in flight was written there; it is remembered until the next flush. */
  written(extent: Extent): void {
    this.#inFlight.remove(extent)
    this.#unflushed.add(extent)
  }

  /** The extent in flight did not arrive: it is dirty again. */
  putBack(extent: Extent): void {
    this.#inFlight.remove(extent)
    this.map.add(extent)
    this.#sendAgain(extent)
  }

  /**
   * A flush is asked for now: it is about what was written until now. `flushed` or `notFlushed`
   * must follow before the next one.
   */
  beginFlush(): void {
    this.#unflushed.begin()
  }

  /** What was written before `beginFlush` is durable. */
  flushed(): void {
    const durable = this.#unflushed.end()
    if (this.phase.kind !== 'initial') return
    for (const extent of durable) this.#initial.delete(extent)
    this.#endInitialSync()
  }

  /** The flush failed: the next one is about all of it. */
  notFlushed(): void {
    this.#unflushed.fail()
  }

  /** The session broke: what was not durable may be lost there. */
  putBackUnflushed(): void {
    for (const extent of this.#unflushed.takeAll()) {
      this.map.add(extent)
      this.#sendAgain(extent)
    }
  }

  get inFlightBytes(): number {
    return this.#inFlight.bytes
  }

  /** Written there, and in no flush yet. */
  get unflushedBytes(): number {
    return this.#unflushed.waitingBytes
  }

  get unflushedExtents(): number {
    return this.#unflushed.waitingExtents
  }

  /** Written there, and in the flush under way. */
  get flushingBytes(): number {
    return this.#unflushed.flushingBytes
  }

  /** Bytes that may differ from a durable replica. */
  get backlogBytes(): number {
    const undurableBytes = this.#unflushed.waitingBytes + this.#unflushed.flushingBytes
    return this.map.dirtyBytes + this.#inFlight.bytes + undurableBytes
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
    await this.device.read(offset, target)
  }

  /**
   * Opens a failed disk again when it is time to; writes may have been missed meanwhile, so that it
   * is compared as a whole. True when the disk is back.
   */
  async retry(): Promise<boolean> {
    if (!(await this.device.retry(this.sizeBytes))) return false
    this.startRescan()
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.device[Symbol.asyncDispose]()
  }

  get #openRanges(): number {
    return this.phase.kind === 'rescan' ? this.phase.open : 0
  }

  /** The initial sync is complete only when all of it is durable. */
  #endInitialSync(): void {
    if (this.phase.kind !== 'initial' || this.phase.cursor < this.sizeBytes) return
    if (this.#initial.size > 0) return
    this.phase = { kind: 'steady' }
    if (this.#rescanAfterInitial) this.startRescan()
    this.#rescanAfterInitial = false
  }

  #sendAgain(extent: Extent): void {
    this.#initial.delete(extent)
    if (this.phase.kind !== 'initial' || this.phase.cursor <= extent.offset) return
    this.phase = { kind: 'initial', cursor: extent.offset }
  }

  #closeRange(againFrom: number | undefined): void {
    if (this.phase.kind !== 'rescan') return
    const open = this.phase.open - 1
    const cursor = Math.min(this.phase.cursor, againFrom ?? this.sizeBytes)
    const isDone = open === 0 && cursor >= this.sizeBytes
    this.phase = isDone ? { kind: 'steady' } : { kind: 'rescan', cursor, open }
    if (isDone) this.rescansEnded += 1
  }

  #take(extent: Extent): void {
    this.map.remove(extent)
    this.#inFlight.add(extent)
  }

  #takeFrom(fromOffset: number, lengthMax: number): Extent | undefined {
    const extent = this.#findFree(fromOffset, lengthMax)
    if (extent !== undefined) this.#take(extent)
    return extent
  }

  /** The first dirty extent from there on that overlaps nothing in flight. */
  #findFree(fromOffset: number, lengthMax: number): Extent | undefined {
    for (let from = fromOffset; ;) {
      const found = this.map.find(from, lengthMax)
      if (found === undefined) return undefined
      const blocked = this.#inFlight.firstOverlap(found)
      if (blocked === undefined) return found
      if (blocked.offset > found.offset) {
        return { offset: found.offset, length: blocked.offset - found.offset }
      }
      from = endOf(blocked)
    }
  }
}
