import { DATA_BYTES_MAX, IN_FLIGHT_BYTES_MAX } from '@landfall/wire'
import { MIB } from '@landfall/model'
import type { BufferPool, Extent } from '@landfall/block'
import { pause, Wakeup } from '../running/wakeup.ts'
import { RunSender, type RunSenderOptions } from './run-sender.ts'
import { RefusedError, type Request } from './session.ts'
import type { TrackedDisk } from './tracked-disk.ts'
import { zeroRuns } from './zero-runs.ts'

/** Extents under way at once: bounds the bookkeeping when each is only 4 KiB. */
const EXTENTS_IN_FLIGHT_MAX = 1024
/**
 * Reads at once, each with a buffer of 1 MiB, one in the compressor and one in TLS: twelve took 40
 * MiB more than six and were no faster on two cores.
 */
export const READS_MAX = 6

/** What is written there and not flushed is sent again after a break: these bound it. */
const FLUSH_INTERVAL_MS = 2000
const FLUSH_BYTES = 256 * MIB
const FLUSH_EXTENTS = 65_536
/** Once there is nothing to send, a flush is soon; but not for every single write of a trickle. */
const FLUSH_IDLE_MS = 200

/**
 * After the replica refused a write (its disk is full), writes rest for this, twice as long each
 * time.
 */
const REFUSED_MS_MIN = 2000
const REFUSED_MS_MAX = 60_000

export interface SenderOptions extends Omit<RunSenderOptions, 'signal'> {
  readonly disks: readonly TrackedDisk[]
  readonly pool: BufferPool
  readonly counters: RunSenderOptions['counters'] & { readBytes: number }
  /** Everything that was dirty at the last drain before has become durable. */
  readonly onFlushed: () => void
}

/**
 * Moves dirty extents to the replica for the length of one session. Reads, answers and writes on
 * the source only wake it; one loop decides what is sent next.
 */
export class Sender {
  /** Why writes rest, while the replica refuses them. */
  refusal: RefusedError | undefined
  readonly #options: SenderOptions
  readonly #news = new Wakeup()
  readonly #drained = new Wakeup()
  readonly #abort = new AbortController()
  readonly #runs: RunSender
  #reads = 0
  #extents = 0
  #pauses = 0
  #isFlushing = false
  #flushedAtMs = 0
  #restUntilMs = 0
  #restMs = REFUSED_MS_MIN
  #nextDisk = 0
  /** What nothing more is sent for, and how to say that it is over. */
  #heldBy: 'apply' | 'flush' | undefined
  #letGo: (bytes: number) => void = () => undefined

  constructor(options: SenderOptions) {
    this.#options = options
    this.#runs = new RunSender({ ...options, signal: this.#abort.signal })
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
    while (!signal.aborted && !(await this.#flush())) await pause(this.#restMs, signal)
  }

  /**
   * Sends until the session ends; then returns when every extent is written or back in its map,
   * what was not durable included.
   */
  async run(): Promise<void> {
    while (!this.#abort.signal.aborted) await this.#step()
    this.#hold(undefined)
    await this.#untilDrained()
    for (const disk of this.#options.disks) disk.putBackUnflushed()
  }

  /** There may be something to send. */
  wake(): void {
    this.#news.wake()
  }

  /**
   * Stops taking dirty extents and returns when no write is in flight; dispose to go on. Returns
   * also when the session has ended.
   */
  async pause(): Promise<Disposable> {
    this.#pauses += 1
    await this.#untilDrained()
    return {
      [Symbol.dispose]: () => {
        this.#pauses -= 1
        this.#news.wake()
      },
    }
  }

  /**
   * Sends bytes of an extent in flight that were read before, past a pause. Throws when the replica
   * did not take them; the extent is dirty again then.
   */
  async sendCopy(disk: TrackedDisk, extent: Extent, bytes: Buffer): Promise<void> {
    this.#extents += 1
    try {
      await this.#settle(disk, extent, await this.#send(disk, extent, bytes))
    } finally {
      this.#extents -= 1
      if (this.#extents === 0) this.#drained.wake()
    }
  }

  /** Makes everything written durable; nothing is in flight. False when that failed. */
  async #flush(): Promise<boolean> {
    this.#isFlushing = true
    try {
      await this.#options.session.request('flush', {}).answered
      this.flushed()
      return true
    } catch (error) {
      // The end of the session ends the loop; a refused flush is tried again as a refused write is.
      if (error instanceof RefusedError) this.#rest(error)
      return false
    } finally {
      this.#isFlushing = false
      this.#flushedAtMs = performance.now()
      this.#drained.wake()
    }
  }

  /** Something else made everything written durable. Nothing is in flight. */
  flushed(): void {
    this.#options.stages.add(
      'flush',
      this.#sum((disk) => disk.unflushedBytes),
    )
    for (const disk of this.#options.disks) disk.flushed()
    this.#options.onFlushed()
  }

  async #step(): Promise<void> {
    const mustFlush = this.#mustFlush()
    this.#hold(this.#obstacle(mustFlush))
    if (mustFlush) {
      if (this.#extents === 0) {
        await this.#flush()
        return
      }
    } else if (this.#canSend()) {
      const next = this.#takeNext()
      if (next !== undefined) {
        this.#extents += 1
        this.#reads += 1
        void this.#transfer(next.disk, next.extent)
        return
      }
    }
    await this.#news.wait({ timeoutMs: FLUSH_IDLE_MS, signal: this.#abort.signal })
  }

  #canSend(): boolean {
    return !this.#mustRest() && this.#reads < READS_MAX && this.#hasRoom()
  }

  #mustRest(): boolean {
    return this.#pauses > 0 || performance.now() < this.#restUntilMs
  }

  #hasRoom(): boolean {
    return (
      this.#extents < EXTENTS_IN_FLIGHT_MAX &&
      this.#sum((disk) => disk.inFlightBytes) + DATA_BYTES_MAX <= IN_FLIGHT_BYTES_MAX
    )
  }

  /** What keeps the next extent from being read, besides the extents before it. */
  #obstacle(mustFlush: boolean): 'apply' | 'flush' | undefined {
    // A flush begins when everything is answered; before that, it waits for the extents' stages.
    if (mustFlush && this.#reads > 0) return undefined
    if (mustFlush) return this.#extents > 0 ? 'apply' : 'flush'
    if (this.#mustRest() || this.#reads >= READS_MAX || this.#hasRoom()) return undefined
    return this.#options.disks.every((disk) => disk.map.isEmpty) ? undefined : 'apply'
  }

  #hold(by: 'apply' | 'flush' | undefined): void {
    if (by === this.#heldBy) return
    this.#letGo(0)
    this.#heldBy = by
    this.#letGo = by === undefined ? () => undefined : this.#options.stages.begin(by, 1)
  }

  #mustFlush(): boolean {
    if (this.#mustRest()) return false
    const isFirstSync = this.#options.disks.some(
      ({ phase, sizeBytes }) => phase.kind === 'initial' && phase.cursor >= sizeBytes,
    )
    const extents = this.#sum((disk) => disk.unflushedExtents)
    if (extents === 0 && !isFirstSync) return false
    const sinceMs = performance.now() - this.#flushedAtMs
    if (sinceMs > FLUSH_INTERVAL_MS || extents >= FLUSH_EXTENTS) return true
    if (this.#sum((disk) => disk.unflushedBytes) >= FLUSH_BYTES) return true
    const isIdle = this.#extents === 0 && this.#options.disks.every((disk) => disk.map.isEmpty)
    return isIdle && sinceMs > FLUSH_IDLE_MS
  }

  /** Disks take turns, so that a busy one does not hold up the others. */
  #takeNext(): { disk: TrackedDisk; extent: Extent } | undefined {
    const { disks } = this.#options
    for (let turn = 0; turn < disks.length; turn++) {
      const disk = disks[(this.#nextDisk + turn) % disks.length]
      if (disk === undefined || disk.error !== undefined) continue
      const extent = disk.takeNext(DATA_BYTES_MAX)
      if (extent === undefined) continue
      this.#nextDisk = (this.#nextDisk + turn + 1) % disks.length
      return { disk, extent }
    }
    return undefined
  }

  async #transfer(disk: TrackedDisk, extent: Extent): Promise<void> {
    let answers: Request['answered'][] | undefined
    try {
      using lent = await this.#options.pool.lend()
      const bytes = lent.bytes.subarray(0, extent.length)
      await this.#read(disk, extent, bytes)
      answers = await this.#send(disk, extent, bytes)
    } catch {
      // A read that failed: the disk keeps the reason, and is left alone from now on.
    } finally {
      this.#reads -= 1
      this.#news.wake()
    }
    try {
      if (answers === undefined) disk.putBack(extent)
      else await this.#settle(disk, extent, answers)
    } catch {
      // The refusal is kept in `refusal`, the end of the session ends the loop.
    } finally {
      this.#extents -= 1
      this.#news.wake()
      if (this.#extents === 0) this.#drained.wake()
    }
  }

  /** Returns when the bytes have left and may be reused. */
  async #send(disk: TrackedDisk, extent: Extent, bytes: Buffer): Promise<Request['answered'][]> {
    const isUntouched = disk.isUntouched(extent)
    const runs = zeroRuns(bytes)
    const answers: Request['answered'][] = []
    for (const run of runs) {
      if (run.isZero && isUntouched) continue
      const content = bytes.subarray(run.offset, run.offset + run.length)
      const place = { disk: disk.index, offset: extent.offset + run.offset, length: run.length }
      const onSend = (): void => (run.isZero ? undefined : disk.touch(place))
      const request = await this.#runs.send(place, run.isZero ? undefined : content, onSend)
      if (request === undefined) break
      answers.push(request.answered)
    }
    if (this.#abort.signal.aborted) answers.push(rejected(this.#abort.signal.reason as Error))
    return answers
  }

  async #read(disk: TrackedDisk, extent: Extent, bytes: Buffer): Promise<void> {
    const ended = this.#options.stages.begin('read', 1 / READS_MAX)
    let read = 0
    try {
      await disk.read(extent.offset, bytes)
      read = extent.length
    } finally {
      ended(read)
    }
    this.#options.counters.readBytes += read
  }

  /** Waits for all answers, the failed ones too: only then may the extent be sent again. */
  async #settle(
    disk: TrackedDisk,
    extent: Extent,
    answers: readonly Request['answered'][],
  ): Promise<void> {
    const outcomes = await Promise.allSettled(answers)
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure === undefined) {
      if (answers.length === 0) disk.settled(extent)
      else {
        disk.written(extent)
        this.#options.stages.add('apply', extent.length)
      }
      this.refusal = undefined
      this.#restMs = REFUSED_MS_MIN
      return
    }
    disk.putBack(extent)
    if (failure.reason instanceof RefusedError) this.#rest(failure.reason)
    throw failure.reason
  }

  #rest(refusal: RefusedError): void {
    this.refusal = refusal
    if (performance.now() < this.#restUntilMs) return
    this.#restUntilMs = performance.now() + this.#restMs
    this.#restMs = Math.min(this.#restMs * 2, REFUSED_MS_MAX)
  }

  async #untilDrained(): Promise<void> {
    while (this.#extents > 0 || this.#isFlushing) {
      await this.#drained.wait({ timeoutMs: FLUSH_IDLE_MS, signal: NEVER })
    }
  }

  #sum(of: (disk: TrackedDisk) => number): number {
    let sum = 0
    for (const disk of this.#options.disks) sum += of(disk)
    return sum
  }
}

const NEVER = new AbortController().signal

function rejected(reason: Error): Promise<never> {
  const promise = Promise.reject<never>(reason)
  // Awaited by `#settle`, a moment later.
  promise.catch(() => undefined)
  return promise
}
