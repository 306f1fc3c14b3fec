import { mkdir } from 'node:fs/promises'
import {
  LandfallError,
  type AgentDiskProgress,
  type AgentReplicationReport,
  type DataReplicationError,
  type DataReplicationState,
  type PointDescription,
  type VerificationReport,
} from '@landfall/model'
import { DATA_BYTES_MAX } from '@landfall/wire'
import { BufferPool } from '@landfall/block'
import { captureArena } from './points/capture.ts'
import { createPoint } from './points/create-point.ts'
import { FreezeMarker } from './points/freeze-marker.ts'
import { PointChanges } from './points/point-changes.ts'
import { Compressor } from './replication/compressor.ts'
import { ConvergenceMeter } from './replication/convergence.ts'
import { DeviceWatch } from './replication/device-watch.ts'
import type { DiskIdentities } from './replication/disk-identity.ts'
import { Link, type ReplicationServer } from './replication/link.ts'
import { Proof } from './replication/proof.ts'
import { COMPARISONS_MAX, type RangeComparer } from './replication/range-comparer.ts'
import {
  absentError,
  diskProgress,
  EQUAL_BACKLOG_BYTES,
  nextAttempt,
  notConverging,
  ProgressMeter,
  remainingBytes,
  replicationError,
  replicationState,
} from './replication/replication-progress.ts'
import { openDisks } from './replication/open-disks.ts'
import { READS_MAX } from './replication/sender.ts'
import { StageWatch } from './replication/stage-watch.ts'
import { steadyComparer, untilSteady } from './replication/steady.ts'
import { StateFile } from './replication/state-file.ts'
import { Throttle } from './replication/throttle.ts'
import type { TrackedDisk } from './replication/tracked-disk.ts'
import { verifyDisks } from './replication/verify.ts'
import { pause } from './running/wakeup.ts'
import { Tracker } from './tracking/tracker.ts'

const TICK_MS = 1000
/** A clean stop waits this long for writes under way. */
const STOP_MS_MAX = 5000

export interface ReplicatorOptions extends ReplicationServer {
  /** Device paths of whole disks. */
  readonly disks: readonly string[]
  /** What disks said they are when they had these paths; without, the paths count. */
  readonly diskIdentities?: DiskIdentities
  /** On a filesystem in memory, e.g. `/run/landfall-agent/s-…`. */
  readonly stateDir: string
  /** 0 is unlimited. */
  readonly bandwidthThrottlingMbps: number
  /** 0: no scrub. Undefined: as fast as an idle agent may. */
  readonly scrubBytesPerSecond?: number | undefined
  /** Must not write to a file while the state is CREATING_SNAPSHOT. */
  readonly log: (message: string) => void
  /** Where the kernel describes the paths to multipath disks; another folder in tests. */
  readonly sys?: string
  /** Aborted: everything ends at once, as if the process were killed. */
  readonly signal: AbortSignal
}

export interface Replicator {
  /** What is found out about the replica by itself, and how fast. */
  readonly proof: Pick<Proof, 'mismatches' | 'setRate'>
  /** Latest progress; call freely. */
  progress(): Omit<AgentReplicationReport, 'sourceServerID' | 'mismatches' | 'results'>
  /** The state changed: report at once. */
  onChange(listener: () => void): void
  /** Makes a point and returns once it is durable; one at a time. Throws why there is none. */
  createPoint(pointID: string, signal: AbortSignal): Promise<PointDescription>
  /**
   * Compares source and replica, or source and point, by their hashes; waits for a rescan before,
   * and for a new session when one ends meanwhile.
   */
  verify(options: {
    readonly pointID?: string
    readonly signal: AbortSignal
  }): Promise<VerificationReport>
  setThrottle(mbps: number): void
  /** Clean stop: drains what it can, writes the state file, leaves the kernel recording. */
  stop(): Promise<void>
  /** After `stop`: removes the recording and the state, for an uninstallation. */
  dispose(): Promise<void>
}

/**
 * Begins to replicate the disks: follows their writes from before it returns, and connects in the
 * background. Throws a LandfallError when writes cannot be followed or no disk can be opened; a
 * single disk that cannot is reported in `progress`.
 */
export async function startReplicator(options: ReplicatorOptions): Promise<Replicator> {
  await mkdir(options.stateDir, { recursive: true, mode: 0o700 })
  await new FreezeMarker(options.stateDir).thawLeftOver(options.log)
  const { disks, absent } = await openDisks(options)
  const stateFile = new StateFile(options.stateDir)
  const saved = await stateFile.take()
  const replication = new Replication(options, { disks, absent, stateFile })
  let known = new Set<TrackedDisk>()
  const tracker = await Tracker.start({
    name: instanceName(options.sourceServerID),
    deviceNumbers: writeNumbers(disks),
    ...replication.trackerEvents(),
    ...(saved === undefined ? {} : { left: saved.tracker }),
    onAdopted: () => {
      known = saved?.restore(disks, replication) ?? known
      const names = [...known].map((disk) => disk.deviceName).join(', ')
      if (names !== '') options.log(`Goes on where the last run ended, without a rescan: ${names}`)
    },
  })
  replication.begin(tracker, known)
  return replication
}

function writeNumbers(disks: readonly TrackedDisk[]): number[] {
  return disks.flatMap((disk) => disk.device.writeNumbers)
}

function instanceName(sourceServerID: string): string {
  return `landfall-${sourceServerID}`
}

class Replication implements Replicator {
  readonly changes = new PointChanges()
  readonly proof: Proof
  readonly #options: ReplicatorOptions
  readonly #disks: readonly TrackedDisk[]
  readonly #absent: readonly AgentDiskProgress[]
  readonly #stateFile: StateFile
  readonly #marker: FreezeMarker
  readonly #throttle: Throttle
  readonly #pool = new BufferPool(READS_MAX + COMPARISONS_MAX, DATA_BYTES_MAX)
  readonly #compressor = new Compressor()
  readonly #stages: StageWatch
  readonly #meter = new ProgressMeter()
  readonly #convergence = new ConvergenceMeter()
  readonly #counters = { readBytes: 0, wireBytes: 0 }
  readonly #stopping = new AbortController()
  readonly #listeners = new Set<() => void>()
  #arena: Buffer | undefined
  #tracker: Tracker | undefined
  #end: Promise<void> | undefined
  readonly #link: Link
  readonly #watch: DeviceWatch
  #byNumber = new Map<number, TrackedDisk>()
  #running: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isHeld = false
  #isMakingPoint = false
  #reportedState = ''

  constructor(
    options: ReplicatorOptions,
    found: { disks: TrackedDisk[]; absent: AgentDiskProgress[]; stateFile: StateFile },
  ) {
    this.#options = options
    this.#disks = found.disks
    this.#absent = found.absent
    this.#stateFile = found.stateFile
    this.#marker = new FreezeMarker(options.stateDir)
    this.#throttle = new Throttle(options.bandwidthThrottlingMbps)
    this.#stages = new StageWatch({ throttle: this.#throttle, compressor: this.#compressor })
    this.proof = new Proof({
      disks: found.disks,
      bytesPerSecond: options.scrubBytesPerSecond,
      comparer: () => this.#quietComparer(),
      drain: () => this.#drain(),
      wake: () => this.#link.open?.sender.wake(),
      log: options.log,
    })
    this.#link = new Link({
      server: options,
      disks: found.disks,
      pool: this.#pool,
      throttle: this.#throttle,
      compressor: this.#compressor,
      counters: this.#counters,
      stages: this.#stages.meter,
      onDurable: (momentMs) => this.#meter.durable(momentMs),
      onChange: () => this.#tellChange(),
      log: options.log,
    })
    this.#watch = new DeviceWatch({
      disks: found.disks,
      ...(options.sys === undefined ? {} : { sys: options.sys }),
      onGrown: () => void this.#link.reopen(),
      onPaths: () => this.#followPaths(),
      log: options.log,
    })
  }

  trackerEvents(): Pick<Parameters<typeof Tracker.start>[0], 'onWrite' | 'onLost' | 'onProgress'> {
    this.#mapNumbers()
    return {
      onWrite: (deviceNumber, offset, length) =>
        this.#byNumber.get(deviceNumber)?.recordWrite({ offset, length }),
      onLost: (why) => {
        this.#options.log(`Writes may have been missed (${why}): every disk is rescanned`)
        for (const disk of this.#disks) disk.startRescan()
        for (const [pointID] of this.changes) this.changes.forget(pointID)
      },
      onProgress: () => this.#link.open?.sender.wake(),
    }
  }

  begin(tracker: Tracker, known: Iterable<TrackedDisk>): void {
    this.#tracker = tracker
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    const stopping = this.#stopping.signal
    this.#running = Promise.all([this.#link.run(stopping, known), this.proof.run(stopping)])
    const { signal } = this.#options
    signal.addEventListener('abort', () => void this.#stop({ isClean: false }))
    if (signal.aborted) void this.#stop({ isClean: false })
  }

  progress(): ReturnType<Replicator['progress']> {
    const remaining = this.#remaining()
    const stages = this.#stages.report(remaining > EQUAL_BACKLOG_BYTES)
    const divergence = this.#convergence.divergence()
    const error =
      this.#stall() ??
      (divergence === undefined ? null : notConverging(divergence, stages.bottleneck))
    const lagSeconds = this.#meter.lagSeconds(remaining)
    const etaSeconds = this.#meter.etaSeconds(remaining)
    return {
      state: this.#state(),
      error: this.#isHeld ? null : error,
      disks: [...this.#disks.map(diskProgress), ...this.#absent],
      ...this.#counters,
      lagSeconds,
      ...(etaSeconds === undefined ? {} : { etaSeconds }),
      ...(this.#link.state.wasConnected ? { stages } : {}),
      ...nextAttempt(this.#link.state),
      scrub: this.proof.report(),
    }
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  async createPoint(pointID: string, signal: AbortSignal): Promise<PointDescription> {
    if (this.#isMakingPoint) {
      throw new LandfallError('conflict', 'Another point of this server is being made: wait for it')
    }
    const absent = absentError(this.#absent)
    if (absent !== null) throw new LandfallError('unavailable', absent.rawError)
    this.#isMakingPoint = true
    try {
      const description = await createPoint(
        {
          disks: this.#disks,
          drain: () => this.#drain(),
          link: () => this.#link.open,
          marker: this.#marker,
          changes: this.changes,
          arena: () => (this.#arena ??= captureArena()),
          setHeld: (isHeld) => {
            this.#isHeld = isHeld
            this.#tellChange()
          },
          log: this.#options.log,
        },
        pointID,
        AbortSignal.any([signal, this.#stopping.signal]),
      )
      this.#options.log(`Point ${pointID}: ${description.consistency}, ${description.freezeMs} ms`)
      return description
    } finally {
      this.#isMakingPoint = false
    }
  }

  async verify(options: {
    readonly pointID?: string
    readonly signal: AbortSignal
  }): Promise<VerificationReport> {
    const { pointID } = options
    const signal = AbortSignal.any([options.signal, this.#stopping.signal])
    const replicated = { disks: this.#disks, link: () => this.#link.open }
    await untilSteady(replicated, signal)
    return await verifyDisks({
      disks: this.#disks,
      comparer: steadyComparer(replicated, signal),
      drain: () => this.#drain(),
      onDifference: (disk, range) => this.proof.verificationFound(disk, range, pointID),
      signal,
      ...(pointID === undefined ? {} : { point: { pointID, changes: this.changes.of(pointID) } }),
    })
  }

  setThrottle(mbps: number): void {
    this.#throttle.set(mbps)
  }

  async stop(): Promise<void> {
    if (this.#end === undefined) {
      // What is under way arrives and becomes durable, or is sent again by the next run.
      await Promise.race([this.#link.quiesce(), pause(STOP_MS_MAX, this.#stopping.signal)])
    }
    await this.#stop({ isClean: true })
  }

  async dispose(): Promise<void> {
    await this.stop()
    await Tracker.remove(instanceName(this.#options.sourceServerID))
    await this.#stateFile.remove()
  }

  async #stop(how: { readonly isClean: boolean }): Promise<void> {
    this.#end ??= this.#endAll(how)
    await this.#end
  }

  async #endAll(how: { readonly isClean: boolean }): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#timer)
    await this.#running
    const left = await this.#tracker?.release()
    // A replica nobody ever connected to is not known; without a state file it is compared.
    const known = this.#disks.filter(
      (disk) => this.#link.known.has(disk) && disk.error === undefined,
    )
    if (how.isClean && known.length > 0 && left !== undefined) {
      await this.#stateFile.save(known, this, left)
    }
    for (const disk of this.#disks) await disk[Symbol.asyncDispose]()
  }

  #state(): DataReplicationState {
    if (this.#isHeld) return 'CREATING_SNAPSHOT'
    const lagSeconds = this.#meter.lagSeconds(this.#remaining())
    return replicationState(this.#disks, lagSeconds, this.#stall(), this.#link.state)
  }

  /** What holds replication up, if anything does. */
  #stall(): DataReplicationError | null {
    return absentError(this.#absent) ?? replicationError(this.#disks, this.#link.state)
  }

  /** Only while the replica is to equal the source. */
  #quietComparer(): RangeComparer | undefined {
    const { open } = this.#link
    if (open === undefined || this.#state() !== 'CONTINUOUS') return undefined
    return open.comparer
  }

  #drain(): { readonly sawWrites: boolean } {
    return this.#tracker?.drain() ?? { sawWrites: false }
  }

  #tick(): void {
    this.#sample()
    void this.#watch.look()
    this.#tellChange()
  }

  #mapNumbers(): void {
    this.#byNumber = new Map(
      this.#disks.flatMap((disk) => disk.device.writeNumbers.map((number) => [number, disk])),
    )
  }

  async #followPaths(): Promise<void> {
    this.#mapNumbers()
    await this.#tracker?.follow(writeNumbers(this.#disks))
  }

  #sample(): void {
    const backlogBytes = this.#remaining()
    this.#meter.sample(backlogBytes)
    this.#stages.sample()
    if (replicationError(this.#disks, this.#link.state) !== null || !this.#link.state.isConnected) {
      this.#convergence.reset()
      return
    }
    const dirtiedBytes = this.#disks.reduce((sum, disk) => sum + disk.dirtiedBytes, 0)
    const lagSeconds = this.#meter.lagSeconds(backlogBytes)
    this.#convergence.sample({ atMs: performance.now(), backlogBytes, dirtiedBytes, lagSeconds })
  }

  #tellChange(): void {
    const { state, error } = this.progress()
    // The figures of that error change all the time, which is no news.
    const now = `${state} ${error?.error === 'NOT_CONVERGING' ? error.error : error?.rawError}`
    if (now === this.#reportedState) return
    this.#reportedState = now
    for (const listener of this.#listeners) listener()
  }

  #remaining(): number {
    return this.#disks.reduce((sum, disk) => sum + remainingBytes(disk), 0)
  }
}
