import {
  errorText,
  LandfallError,
  replicationFailure,
  type AgentDiskProgress,
  type AgentReplicationReport,
  type AgentRuntimeConfiguration,
  type Mismatch,
} from '@landfall/model'
import type { Replicator, ReplicatorOptions } from '../replicator.ts'
import { Wakeup } from './wakeup.ts'

export type Progress = Omit<AgentReplicationReport, 'sourceServerID' | 'mismatches' | 'results'>
export type StartReplicator = (options: ReplicatorOptions) => Promise<Replicator>

const RETRY_MS_MIN = 1000
const RETRY_MS_MAX = 30_000

/** What of the replicator's options never changes while the agent runs. */
export type FixedOptions = Pick<
  ReplicatorOptions,
  'sourceServerID' | 'disks' | 'diskIdentities' | 'tls' | 'stateDir' | 'log'
>

interface Running {
  readonly replicator: Replicator
  readonly abort: AbortController
  configuration: AgentRuntimeConfiguration
}

/**
 * Keeps the replicator as the service wants it: started, stopped, or started again with other
 * addresses. `run` does the work, one change at a time; everything else returns at once.
 */
export class ReplicationControl {
  readonly #fixed: FixedOptions
  readonly #start: StartReplicator
  readonly #onChange: () => void
  readonly #news = new Wakeup()
  #wanted: AgentRuntimeConfiguration | undefined
  #running: Running | undefined
  #last: Replicator | undefined
  #failure: string | undefined
  #disks: readonly AgentDiskProgress[] = []

  constructor(options: { fixed: FixedOptions; start: StartReplicator; onChange: () => void }) {
    this.#fixed = options.fixed
    this.#start = options.start
    this.#onChange = options.onChange
  }

  apply(wanted: AgentRuntimeConfiguration): void {
    this.#wanted = wanted
    this.#news.wake()
  }

  get desired(): AgentRuntimeConfiguration['desired'] | undefined {
    return this.#wanted?.desired
  }

  progress(): Progress {
    const progress = this.#running?.replicator.progress() ?? this.#idleProgress()
    this.#disks = progress.disks
    return progress
  }

  /** What the replicator found and the service does not know yet. */
  mismatches(): readonly Mismatch[] {
    return this.#last?.proof.mismatches.waiting() ?? []
  }

  mismatchesTaken(mismatches: readonly Mismatch[]): void {
    this.#last?.proof.mismatches.taken(mismatches)
  }

  /** The running replicator, waited for while it is being started. Throws when it is not wanted. */
  async replicator(signal: AbortSignal): Promise<Replicator> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#running) return this.#running.replicator
      if (this.#wanted?.desired !== 'REPLICATING' || this.#failure !== undefined) {
        const why = this.#failure ?? `replication is ${this.#wanted?.desired ?? 'not configured'}`
        throw new LandfallError('conflict', `The agent is not replicating: ${why}`)
      }
      await this.#news.wait({ timeoutMs: RETRY_MS_MIN, signal })
    }
  }

  /**
   * Follows the wanted configuration until the signal is aborted; then returns, changing nothing.
   */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = RETRY_MS_MIN
    while (!signal.aborted) {
      try {
        await this.#reconcile(signal)
        this.#failure = undefined
        retryMs = RETRY_MS_MIN
        if (this.#settled()) await this.#news.wait({ signal })
      } catch (error) {
        if (signal.aborted) return
        this.#failure = errorText(error)
        this.#fixed.log(`Replication does not start: ${this.#failure}`)
        this.#onChange()
        await this.#news.wait({ timeoutMs: retryMs, signal })
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
      }
    }
  }

  /** Clean stop, after `run` has returned. */
  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.replicator.stop()
    running?.abort.abort()
  }

  /** Stop, and removal of all tracking: the agent is about to be uninstalled. */
  async dispose(): Promise<void> {
    await this.stop()
    await this.#last?.dispose()
    this.#last = undefined
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    const wanted = this.#wanted
    if (wanted === undefined) return
    if (this.#running && (wanted.desired !== 'REPLICATING' || this.#mustRestart(wanted))) {
      this.#fixed.log(`Replication stops (wanted: ${wanted.desired})`)
      await this.stop()
      this.#onChange()
    }
    if (wanted.desired !== 'REPLICATING') return
    if (this.#running) {
      this.#running.replicator.setThrottle(wanted.bandwidthThrottlingMbps)
      this.#running.replicator.proof.setRate(wanted.scrubBytesPerSecond)
      this.#running.configuration = wanted
      return
    }
    await this.#startWith(wanted, signal)
  }

  async #startWith(wanted: AgentRuntimeConfiguration, signal: AbortSignal): Promise<void> {
    this.#fixed.log(
      `Replication starts, to ${wanted.replicationAddresses.join(', ')} port ${wanted.replicationPort}`,
    )
    // Its own signal: ours being aborted asks for a clean stop, which still drains.
    const abort = new AbortController()
    const abandon = () => abort.abort()
    signal.addEventListener('abort', abandon)
    const replicator = await this.#start({
      ...this.#fixed,
      addresses: wanted.replicationAddresses,
      port: wanted.replicationPort,
      bandwidthThrottlingMbps: wanted.bandwidthThrottlingMbps,
      scrubBytesPerSecond: wanted.scrubBytesPerSecond,
      connections: wanted.connections,
      signal: abort.signal,
    }).finally(() => signal.removeEventListener('abort', abandon))
    replicator.onChange(this.#onChange)
    this.#running = { replicator, abort, configuration: wanted }
    this.#last = replicator
    this.#news.wake()
    this.#onChange()
  }

  #mustRestart(wanted: AgentRuntimeConfiguration): boolean {
    const old = this.#running?.configuration
    return (
      old !== undefined &&
      (old.replicationPort !== wanted.replicationPort ||
        old.connections !== wanted.connections ||
        old.replicationAddresses.join() !== wanted.replicationAddresses.join())
    )
  }

  #settled(): boolean {
    if (this.#wanted?.desired !== 'REPLICATING') return this.#running === undefined
    return this.#running?.configuration === this.#wanted
  }

  #idleProgress(): Progress {
    const desired = this.#wanted?.desired ?? 'REPLICATING'
    const failed = desired === 'REPLICATING' && this.#failure !== undefined
    return {
      state: desired !== 'REPLICATING' ? desired : failed ? 'STALLED' : 'INITIATING',
      error: failed
        ? replicationFailure('FAILED_TO_START_DATA_TRANSFER', this.#failure ?? '')
        : null,
      disks: this.#disks,
      readBytes: 0,
      wireBytes: 0,
      lagSeconds: 0,
    }
  }
}
