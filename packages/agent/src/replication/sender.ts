import { DATA_BYTES_MAX, IN_FLIGHT_BYTES_MAX, SCATTER_RANGES_MAX } from '@landfall/wire'
import { MIB } from '@landfall/model'
import type { BufferPool, Extent } from '@landfall/block'
import { pause, Wakeup } from '../running/wakeup.ts'
import { DurableMoment } from './durable-moment.ts'
import { ExtentSender, readScattered } from './extent-sender.ts'
import { EQUAL_BACKLOG_BYTES, unsentBytes } from './replication-progress.ts'
import { RefusalRest } from './refusal-rest.ts'
import { RunSender, type RunSenderOptions } from './run-sender.ts'
import { RefusedError, type Request } from './session.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** Batches under way at once: bounds the bookkeeping when each is only 4 KiB. */
const BATCHES_IN_FLIGHT_MAX = 1024

/**
 * Small extents travel together: for each alone a read, a frame, a checksum and an answer cost more
 * than its bytes. 256 KiB leave room for what is read between them.
 */
const BATCH_LIMITS = {
  extentBytesMax: DATA_BYTES_MAX,
  smallBytesMax: 32 * 1024,
  scatteredBytesMax: 256 * 1024,
  scatteredCountMax: SCATTER_RANGES_MAX,
}
/**
 * Reads at once, each with a buffer of 1 MiB, one in the compressor and one in TLS: twelve took 40
 * MiB more than six and were no faster on two cores.
 */
export const READS_MAX = 6

/**
 * From one flush to the next, while there is something to flush. The lag is at least this and
 * seldom more than twice as much; a flush costs the replica some synchronous writes of its tables.
 */
const FLUSH_INTERVAL_MS = 500
/** What is written there and not flushed is sent again after a break: these bound it. */
const UNFLUSHED_BYTES_MAX = 256 * MIB
const UNFLUSHED_EXTENTS_MAX = 65_536
/** Once there is nothing to send, a flush is soon; but not for every single write of a trickle. */
const FLUSH_IDLE_MS = 200

export interface SenderOptions extends Omit<RunSenderOptions, 'signal'> {
  readonly disks: readonly TrackedDisk[]
  readonly pool: BufferPool
  readonly counters: RunSenderOptions['counters'] & { readBytes: number }
  /** All that was written until that moment is durable there, but for a few blocks. */
  readonly onDurable: (momentMs: number) => void
}

/** What is read, sent and answered together: one extent, or several small ones. */
interface Batch {
  readonly disk: TrackedDisk
  readonly extents: readonly Extent[]
}

/** While it lasts nothing more is taken from the maps. Dispose to go on. */
export interface Hold extends Disposable {
  /** What was taken before has been read. */
  readsDone(): Promise<void>
  /**
   * Nothing is on its way and no flush is under way. Whether what was taken before was all written;
   * otherwise some of it is dirty again.
   */
  drained(): Promise<{ readonly isAllWritten: boolean }>
}

/**
 * Moves dirty extents to the replica for the length of one session. Reads, answers and writes on
 * the source only wake it; one loop decides what is sent next.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #news = new Wakeup()
  readonly #drained = new Wakeup()
  readonly #abort = new AbortController()
  readonly #sending: ExtentSender
  readonly #moments = new DurableMoment()
  /** Taken and not read yet; not read or not sent yet; not answered yet. */
  #unread = 0
  #reads = 0
  #batches = 0
  #holds = 0
  /** Extents that did not arrive, so far. */
  #failures = 0
  #isFlushing = false
  #hasMadeDurable = false
  #flushBeganMs = 0
  readonly #rest = new RefusalRest()
  #nextDisk = 0
  /** What nothing more is sent for, and how to say that it is over. */
  #heldBy: 'apply' | 'flush' | undefined
  #letGo: (bytes: number) => void = () => undefined

  constructor(options: SenderOptions) {
    this.#options = options
    this.#sending = new ExtentSender(new RunSender({ ...options, signal: this.#abort.signal }))
  }

  /**
   * Makes durable what earlier sessions wrote, so that a rescan that finds a range equal may rely
   * on it. Returns when that is done or the session has ended.
   */
  async start(): Promise<void> {
    const { signal } = this.#abort
    void this.#options.session.ended.then((reason) => {
      this.#abort.abort(reason)
      this.#news.wake()
    })
    while (!signal.aborted && !(await this.#flush())) await pause(this.#rest.nextMs, signal)
  }

  /**
   * Sends until the session ends; then returns when every extent is written or back in its map,
   * what was not durable included.
   */
  async run(): Promise<void> {
    while (!this.#abort.signal.aborted) await this.#step()
    this.#wait(undefined)
    await this.#until(() => this.#batches === 0 && !this.#isFlushing)
    for (const disk of this.#options.disks) disk.putBackUnflushed()
  }

  /** Whether anything that was sent has become durable. */
  get hasMadeDurable(): boolean {
    return this.#hasMadeDurable
  }

  /** Why writes rest, while the replica refuses them. */
  get refusal(): RefusedError | undefined {
    return this.#rest.refusal
  }

  /** There may be something to send. */
  wake(): void {
    this.#news.wake()
  }

  /** Stops taking dirty extents, at once. */
  hold(): Hold {
    this.#holds += 1
    // What is taken from the maps meanwhile has no ticket.
    this.#moments.forget()
    const failuresBefore = this.#failures
    return {
      readsDone: () => this.#until(() => this.#unread === 0),
      drained: async () => {
        await this.#until(() => this.#batches === 0 && !this.#isFlushing)
        return { isAllWritten: this.#failures === failuresBefore }
      },
      [Symbol.dispose]: () => {
        this.#holds -= 1
        this.#news.wake()
      },
    }
  }

  /**
   * Sends bytes of an extent in flight that were read before, past a hold. Throws when the replica
   * did not take them; the extent is dirty again then.
   */
  async sendCopy(disk: TrackedDisk, extent: Extent, bytes: Buffer): Promise<void> {
    this.#batches += 1
    try {
      const batch = { disk, extents: [extent] }
      await this.#settle(batch, await this.#send(batch, bytes))
    } finally {
      this.#batches -= 1
      this.#drained.wake()
    }
  }

  /**
   * Makes durable what was written until now, while sending goes on. False when that failed; it is
   * tried again then, as a refused write is, or the session has ended.
   */
  async #flush(): Promise<boolean> {
    this.#isFlushing = true
    this.#flushBeganMs = performance.now()
    const { disks } = this.#options
    const isAllInFlight = this.#sum(unsentBytes) <= EQUAL_BACKLOG_BYTES
    this.#moments.flushBegins(this.#flushBeganMs, { isAllInFlight })
    for (const disk of disks) disk.beginFlush()
    try {
      await this.#options.session.request('flush', {}).answered
      this.#endFlush()
      const momentMs = this.#moments.flushEnds()
      if (momentMs !== undefined) this.#options.onDurable(momentMs)
      return true
    } catch (error) {
      for (const disk of disks) disk.notFlushed()
      if (error instanceof RefusedError) this.#rest.refused(error)
      return false
    } finally {
      this.#isFlushing = false
      this.#drained.wake()
      this.#news.wake()
    }
  }

  /** Something else made everything written durable. Nothing is in flight, and no flush. */
  flushed(): void {
    for (const disk of this.#options.disks) disk.beginFlush()
    this.#endFlush()
  }

  #endFlush(): void {
    const bytes = this.#sum((disk) => disk.flushingBytes)
    if (bytes > 0) this.#hasMadeDurable = true
    this.#options.stages.add('flush', bytes)
    for (const disk of this.#options.disks) disk.flushed()
  }

  async #step(): Promise<void> {
    if (this.#mustFlush()) void this.#flush()
    this.#wait(this.#obstacle())
    if (this.#canSend()) {
      const next = this.#takeNext()
      if (next !== undefined) {
        this.#batches += 1
        this.#reads += 1
        this.#unread += 1
        void this.#transfer(next)
        return
      }
    }
    await this.#news.wait({ timeoutMs: FLUSH_IDLE_MS, signal: this.#abort.signal })
  }

  #canSend(): boolean {
    return !this.#mustRest() && !this.#mustWaitForFlush() && this.#hasRoom()
  }

  #mustRest(): boolean {
    return this.#holds > 0 || this.#rest.isOn
  }

  #mustWaitForFlush(): boolean {
    return this.#isFlushing && this.#isMuchUnflushed()
  }

  #isMuchUnflushed(): boolean {
    return (
      this.#sum((disk) => disk.unflushedBytes) >= UNFLUSHED_BYTES_MAX ||
      this.#sum((disk) => disk.unflushedExtents) >= UNFLUSHED_EXTENTS_MAX
    )
  }

  #hasRoom(): boolean {
    return (
      this.#reads < READS_MAX &&
      this.#batches < BATCHES_IN_FLIGHT_MAX &&
      this.#sum((disk) => disk.inFlightBytes) + DATA_BYTES_MAX <= IN_FLIGHT_BYTES_MAX
    )
  }

  /** What keeps the next extent from being read, besides the extents before it. */
  #obstacle(): 'apply' | 'flush' | undefined {
    if (this.#mustRest() || this.#options.disks.every((disk) => disk.map.isEmpty)) return undefined
    if (this.#mustWaitForFlush()) return 'flush'
    return this.#reads >= READS_MAX || this.#hasRoom() ? undefined : 'apply'
  }

  #wait(by: 'apply' | 'flush' | undefined): void {
    if (by === this.#heldBy) return
    this.#letGo(0)
    this.#heldBy = by
    this.#letGo = by === undefined ? () => undefined : this.#options.stages.begin(by, 1)
  }

  #mustFlush(): boolean {
    if (this.#isFlushing || this.#mustRest()) return false
    const isFirstSync = this.#options.disks.some(
      ({ phase, sizeBytes }) => phase.kind === 'initial' && phase.cursor >= sizeBytes,
    )
    const extents = this.#sum((disk) => disk.unflushedExtents)
    if (extents === 0 && !isFirstSync) return false
    const sinceMs = performance.now() - this.#flushBeganMs
    if (sinceMs > FLUSH_INTERVAL_MS || this.#isMuchUnflushed()) return true
    const isIdle = this.#batches === 0 && this.#options.disks.every((disk) => disk.map.isEmpty)
    return isIdle && sinceMs > FLUSH_IDLE_MS
  }

  /** Disks take turns, so that a busy one does not hold up the others. */
  #takeNext(): Batch | undefined {
    const { disks } = this.#options
    for (let turn = 0; turn < disks.length; turn++) {
      const disk = disks[(this.#nextDisk + turn) % disks.length]
      if (disk === undefined || disk.error !== undefined) continue
      const extents = disk.takeBatch(BATCH_LIMITS)
      if (extents.length === 0) continue
      this.#nextDisk = (this.#nextDisk + turn + 1) % disks.length
      return { disk, extents }
    }
    return undefined
  }

  async #transfer(batch: Batch): Promise<void> {
    const ticket = this.#moments.begin()
    let answers: Request['answered'][] | undefined
    let isWritten = false
    try {
      using lent = await this.#options.pool.lend()
      await this.#read(batch, lent.bytes)
      answers = await this.#send(batch, lent.bytes)
    } catch {
      // A read that failed: the disk keeps the reason, and is left alone from now on.
    } finally {
      this.#reads -= 1
      this.#news.wake()
    }
    try {
      if (answers === undefined) putBack(batch)
      else {
        await this.#settle(batch, answers)
        isWritten = true
      }
    } catch {
      // The refusal is kept in `refusal`, the end of the session ends the loop.
    } finally {
      this.#moments.end(ticket, { isWritten })
      if (!isWritten) this.#failures += 1
      this.#batches -= 1
      this.#news.wake()
      if (this.#batches === 0) this.#drained.wake()
    }
  }

  /** Returns when the bytes have left and may be reused. */
  async #send({ disk, extents }: Batch, memory: Buffer): Promise<Request['answered'][]> {
    const [extent] = extents
    const isOne = extent !== undefined && extents.length === 1
    const answers = isOne
      ? await this.#sending.send(disk, extent, memory.subarray(0, extent.length))
      : await this.#sending.sendScattered(disk, extents, memory)
    if (this.#abort.signal.aborted) answers.push(rejected(this.#abort.signal.reason as Error))
    return answers
  }

  async #read({ disk, extents }: Batch, memory: Buffer): Promise<void> {
    const ended = this.#options.stages.begin('read', 1 / READS_MAX)
    const [extent] = extents
    const isOne = extent !== undefined && extents.length === 1
    let read = 0
    try {
      if (isOne) await disk.read(extent.offset, memory.subarray(0, extent.length))
      read = isOne ? extent.length : await readScattered(disk, extents, memory)
    } finally {
      ended(read)
      this.#unread -= 1
      if (this.#unread === 0) this.#drained.wake()
    }
    this.#options.counters.readBytes += read
  }

  /** Waits for all answers, the failed ones too: only then may the extent be sent again. */
  async #settle(batch: Batch, answers: readonly Request['answered'][]): Promise<void> {
    const outcomes = await Promise.allSettled(answers)
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure === undefined) {
      for (const extent of batch.extents) {
        if (answers.length === 0) batch.disk.settled(extent)
        else {
          batch.disk.written(extent)
          this.#options.stages.add('apply', extent.length)
        }
      }
      this.#rest.taken()
      return
    }
    putBack(batch)
    if (failure.reason instanceof RefusedError) this.#rest.refused(failure.reason)
    throw failure.reason
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.#drained.wait({ timeoutMs: FLUSH_IDLE_MS, signal: NEVER })
  }

  #sum(of: (disk: TrackedDisk) => number): number {
    let sum = 0
    for (const disk of this.#options.disks) sum += of(disk)
    return sum
  }
}

const NEVER = new AbortController().signal

function putBack({ disk, extents }: Batch): void {
  for (const extent of extents) disk.putBack(extent)
}

function rejected(reason: Error): Promise<never> {
  const promise = Promise.reject<never>(reason)
  // Awaited by `#settle`, a moment later.
  promise.catch(() => undefined)
  return promise
}
