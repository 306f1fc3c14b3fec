import { availableParallelism } from 'node:os'
import { MIB } from '@landfall/model'
import { TracefsInstance, type InstanceShape } from './tracefs-instance.ts'
import type { OnWrite } from './ring-page.ts'

/** Between two reads of the ring buffers while there is something in them. */
const PACE_BUSY_MS = 50
/**
 * While there is nothing: idle costs a read per CPU. The buffers hold far more than this brings.
 */
const PACE_IDLE_MS = 250
/** Between two looks at the kernel's own count of lost events. */
const CHECK_MS = 1000

/** Ring buffers at first, over all CPUs: about 300,000 writes. */
const BUFFERS_BYTES_START = 16 * MIB
/** Kernel memory the ring buffers may grow to, over all CPUs. */
const BUFFERS_BYTES_MAX = 128 * MIB
const BUFFER_BYTES_MIN = MIB
/** A buffer found fuller than this share of it is too small for the write rate. */
const FULL_SHARE = 0.25

export interface TrackerOptions {
  /** The instances are called this, and this with a number. */
  readonly name: string
  readonly deviceNumbers: readonly number[]
  readonly onWrite: OnWrite
  /** Writes were missed on some disk: everything must be compared again. */
  readonly onLost: (why: string) => void
  /** After a drain that brought writes. */
  readonly onProgress: () => void
  /** What an earlier run left, when it ended cleanly on the same boot. */
  readonly left?: TrackerState
  /** The recording went on since then; comes before any write is told. */
  readonly onAdopted?: () => void
}

/** Enough for a later run to go on without a gap. */
export interface TrackerState {
  readonly instanceName: string
  readonly deviceNumbers: readonly number[]
  readonly bufferBytesPerCpu: number
  readonly lostEvents: number
}

/**
 * Follows the writes to some disks from the moment it is started. The kernel's events only fill its
 * buffers; a loop here reads them at its own pace, and `drain` on demand.
 */
export class Tracker {
  /** Whether recording had never stopped since the earlier run: no rescan is needed. */
  readonly adopted: boolean
  readonly #options: TrackerOptions
  #instance: TracefsInstance
  /** What the instance records, and what it is to record. */
  #recorded: readonly number[]
  #wanted: readonly number[]
  #bufferBytesPerCpu: number
  #lostEvents: number
  #timer: NodeJS.Timeout | undefined
  #checkedMs = performance.now()
  #replacing: Promise<void> | undefined
  #released: Promise<TrackerState> | undefined
  #sawWrite = false

  private constructor(
    options: TrackerOptions,
    instance: TracefsInstance,
    state: Omit<TrackerState, 'instanceName'> & { readonly adopted: boolean },
  ) {
    this.#options = options
    this.#instance = instance
    this.#recorded = state.deviceNumbers
    this.#wanted = state.deviceNumbers
    this.adopted = state.adopted
    this.#bufferBytesPerCpu = state.bufferBytesPerCpu
    this.#lostEvents = state.lostEvents
    this.#schedule(PACE_BUSY_MS)
  }

  /** Records from before it returns. Throws a LandfallError when the kernel cannot. */
  static async start(options: TrackerOptions): Promise<Tracker> {
    const { left, deviceNumbers } = options
    if (left !== undefined) {
      const before = { name: left.instanceName, deviceNumbers: left.deviceNumbers }
      const instance = await TracefsInstance.adopt(before)
      if (instance !== undefined) {
        options.onAdopted?.()
        const tracker = new Tracker(options, instance, { ...left, adopted: true })
        if (!isSameList(left.deviceNumbers, deviceNumbers)) await tracker.follow(deviceNumbers)
        return tracker
      }
    }
    await Tracker.remove(options.name)
    const bufferBytesPerCpu = Math.max(
      BUFFERS_BYTES_START / availableParallelism(),
      BUFFER_BYTES_MIN,
    )
    const shape: InstanceShape = { name: options.name, deviceNumbers }
    const instance = await TracefsInstance.create(shape, { bufferBytesPerCpu })
    const fresh = { deviceNumbers, bufferBytesPerCpu, lostEvents: 0 }
    return new Tracker(options, instance, { ...fresh, adopted: false })
  }

  /**
   * Records the writes of these devices from before it returns, without a gap in those of the ones
   * that were recorded already. When the kernel refuses, it is told as a loss, and tried again.
   */
  async follow(deviceNumbers: readonly number[]): Promise<void> {
    this.#wanted = deviceNumbers
    // One under way may have begun with the earlier list.
    await this.#replacing
    this.#replace()
    await this.#replacing
  }

  /** Removes every instance of the name: tracking has ended for good. */
  static async remove(name: string): Promise<void> {
    for (const found of await TracefsInstance.list(name)) {
      if (found === name || found.startsWith(`${name}.`)) await TracefsInstance.removeByName(found)
    }
  }

  /**
   * Returns when `onWrite` has heard of every write that completed before the call; whether it
   * heard of any. Losses are told to `onLost` before it returns.
   */
  drain(): { readonly sawWrites: boolean } {
    const { sawWrites } = this.#drain()
    this.#check()
    return { sawWrites }
  }

  /** Ends the loop and lets go; the kernel goes on recording for the run that takes the state. */
  release(): Promise<TrackerState> {
    this.#released ??= this.#release()
    return this.#released
  }

  async #release(): Promise<TrackerState> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#replacing
    this.#drain()
    const lostEvents = this.#lostEvents
    this.#instance.close()
    return {
      instanceName: this.#instance.name,
      deviceNumbers: this.#recorded,
      bufferBytesPerCpu: this.#bufferBytesPerCpu,
      lostEvents,
    }
  }

  #schedule(paceMs: number): void {
    this.#timer = setTimeout(() => this.#pace(), paceMs)
  }

  #pace(): void {
    const { sawWrites, isTight } = this.#drain()
    if (performance.now() - this.#checkedMs > CHECK_MS) this.#check()
    if (isTight) this.#grow()
    if (sawWrites) this.#options.onProgress()
    this.#schedule(sawWrites ? PACE_BUSY_MS : PACE_IDLE_MS)
  }

  #drain(): { readonly sawWrites: boolean; readonly isTight: boolean } {
    this.#sawWrite = false
    const { lost, bytesPerCpuMax } = this.#instance.drain(this.#onWrite)
    if (lost) this.#options.onLost('the kernel overwrote trace events before they were read')
    const isTight = lost || bytesPerCpuMax > this.#bufferBytesPerCpu * FULL_SHARE
    return { sawWrites: this.#sawWrite, isTight }
  }

  readonly #onWrite: OnWrite = (deviceNumber, offset, length) => {
    this.#sawWrite = true
    this.#options.onWrite(deviceNumber, offset, length)
  }

  /** The kernel's own counts, beside the flag in the pages: losses are never to pass in silence. */
  #check(): void {
    this.#checkedMs = performance.now()
    const lostEvents = this.#instance.lostEvents()
    if (lostEvents > this.#lostEvents) {
      this.#options.onLost(`the kernel counted ${lostEvents - this.#lostEvents} lost trace events`)
      this.#lostEvents = lostEvents
    }
    if (!this.#instance.isRecording()) {
      this.#replace('tracing of block writes was switched off by something else')
    } else if (!isSameList(this.#recorded, this.#wanted)) {
      this.#replace('the writes of some device were not recorded yet')
    }
  }

  #grow(): void {
    const larger = this.#bufferBytesPerCpu * 2
    if (larger * availableParallelism() > BUFFERS_BYTES_MAX) return
    if (this.#replacing !== undefined) return
    this.#bufferBytesPerCpu = larger
    this.#replace()
  }

  /**
   * Goes over to a new instance, which records before the old one is read for the last time.
   * Kernels stop recording while they resize a buffer, without counting what they miss: hence never
   * a resize.
   */
  #replace(lostBecause?: string): void {
    if (this.#released !== undefined) return
    this.#replacing ??= this.#makeNext()
      .then(() => {
        if (lostBecause !== undefined) this.#options.onLost(lostBecause)
      })
      .catch((error: unknown) => this.#options.onLost(`tracing failed: ${String(error)}`))
      .finally(() => (this.#replacing = undefined))
  }

  async #makeNext(): Promise<void> {
    const { name } = this.#options
    const deviceNumbers = this.#wanted
    const nextName = this.#instance.name === `${name}.1` ? `${name}.2` : `${name}.1`
    const next = await TracefsInstance.create(
      { name: nextName, deviceNumbers },
      { bufferBytesPerCpu: this.#bufferBytesPerCpu },
    )
    const old = this.#instance
    old.drain(this.#onWrite)
    if (old.lostEvents() > this.#lostEvents) this.#options.onLost('trace events were lost')
    this.#instance = next
    this.#recorded = deviceNumbers
    this.#lostEvents = 0
    old.close()
    await TracefsInstance.removeByName(old.name)
  }
}

function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((number, index) => number === other[index])
}
