import {
  errorText,
  replicationFailure,
  type AgentDiskProgress,
  type DataReplicationError,
  type DataReplicationState,
  type StageReport,
} from '@landfall/model'
import { describeDivergence, type Divergence } from './convergence.ts'
import { RefusedError } from './session.ts'
import type { TrackedDisk } from './tracked-disk.ts'

/** The replica counts as equal with less than this to send: a busy server never has nothing. */
export const EQUAL_BACKLOG_BYTES = 8 * 1024 * 1024
/** Behind by no more is continuous. */
const CONTINUOUS_LAG_SECONDS_MAX = 10
/** A connection that is back sooner is not worth an alarm. */
const DISCONNECTED_MS_MAX = 5000
/** Weight of the newest second in the running rate. */
const NEWEST_WEIGHT = 0.1

export interface LinkState {
  readonly isConnected: boolean
  readonly wasConnected: boolean
  readonly changedAtMs: number
  /** When the next attempt to connect begins, while one is waited for. */
  readonly nextAttemptAtMs?: number | undefined
  readonly failure: Error | undefined
  readonly refusal: RefusedError | undefined
}

/** Bytes of a disk that wait to be read, compared or made durable. */
export function remainingBytes(disk: TrackedDisk): number {
  return disk.backlogBytes + uncomparedBytes(disk)
}

/** Bytes of a disk that may differ when all that was sent is durable. */
export function unsentBytes(disk: TrackedDisk): number {
  return disk.map.dirtyBytes + uncomparedBytes(disk)
}

function uncomparedBytes({ phase, sizeBytes }: TrackedDisk): number {
  return phase.kind === 'rescan' ? sizeBytes - phase.cursor : 0
}

/**
 * The counters of one disk. During the initial sync replicated and not yet replicated bytes add up
 * to the disk, and there is no backlog; from then on all is replicated, and the backlog is what
 * changed. With no rescan under way all counts as rescanned, as MGN has it.
 */
export function diskProgress(disk: TrackedDisk): AgentDiskProgress {
  const { phase, sizeBytes } = disk
  const backlog = Math.min(disk.backlogBytes, sizeBytes)
  const isInitial = phase.kind === 'initial'
  return {
    deviceName: disk.deviceName,
    totalStorageBytes: sizeBytes,
    replicatedStorageBytes: isInitial ? sizeBytes - backlog : sizeBytes,
    rescannedStorageBytes: isInitial ? 0 : phase.kind === 'rescan' ? phase.cursor : sizeBytes,
    backloggedStorageBytes: isInitial ? 0 : backlog,
    ...(disk.error === undefined ? {} : { error: disk.error }),
  }
}

export function replicationState(
  disks: readonly TrackedDisk[],
  lagSeconds: number,
  error: DataReplicationError | null,
  link: LinkState,
): DataReplicationState {
  // While the backlog grows data still flows.
  if (error !== null && error.error !== 'NOT_CONVERGING') return 'STALLED'
  if (!link.isConnected && !link.wasConnected) return 'INITIATING'
  if (disks.some((disk) => disk.phase.kind === 'initial')) return 'INITIAL_SYNC'
  if (disks.some((disk) => disk.phase.kind === 'rescan')) return 'RESCAN'
  return lagSeconds <= CONTINUOUS_LAG_SECONDS_MAX ? 'CONTINUOUS' : 'BACKLOG'
}

/** A disk that could not be opened when the agent started is missed until it starts again. */
export function absentError(absent: readonly AgentDiskProgress[]): DataReplicationError | null {
  const [disk] = absent
  if (disk?.error === undefined) return null
  const cause = `${disk.error}. The other disks go on; restart the agent when it is there`
  return replicationFailure('FAILED_TO_START_DATA_TRANSFER', cause)
}

/** What holds replication up, if anything does. */
export function replicationError(
  disks: readonly TrackedDisk[],
  link: LinkState,
): DataReplicationError | null {
  const failed = disks.find((disk) => disk.error !== undefined)
  if (failed !== undefined) {
    const cause = `${failed.error ?? ''}; the other disks go on`
    return replicationFailure('FAILED_TO_START_DATA_TRANSFER', cause)
  }
  if (link.refusal !== undefined) {
    return replicationFailure('FAILED_TO_START_DATA_TRANSFER', link.refusal.message)
  }
  if (link.isConnected || link.failure === undefined) return null
  const { failure, wasConnected } = link
  if (failure instanceof RefusedError) {
    return replicationFailure('FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT', failure.message)
  }
  if (wasConnected && performance.now() - link.changedAtMs < DISCONNECTED_MS_MAX) return null
  const error = wasConnected ? 'UNSTABLE_NETWORK' : 'FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER'
  return replicationFailure(error, errorText(failure))
}

/** Told while the agent waits before it connects again. */
export function nextAttempt({ nextAttemptAtMs }: LinkState): { nextAttemptSeconds?: number } {
  if (nextAttemptAtMs === undefined) return {}
  return { nextAttemptSeconds: Math.max(0, (nextAttemptAtMs - performance.now()) / 1000) }
}

/** The writes on the source outrun replication: the proof, and what to do about it. */
export function notConverging(
  divergence: Divergence,
  bottleneck: StageReport['bottleneck'],
): DataReplicationError {
  const remedy = bottleneck?.sentence ?? 'No stage is busy all the time: see the agent log.'
  return { error: 'NOT_CONVERGING', rawError: `${describeDivergence(divergence)} ${remedy}` }
}

/** Rate and lag, from one look a second. */
export class ProgressMeter {
  #rateBytes: number | undefined
  #lastRemaining: number | undefined
  #equalAtMs = performance.now()

  /** To be called once a second. */
  sample(remaining: number): void {
    if (this.#lastRemaining !== undefined) {
      const gone = Math.max(0, this.#lastRemaining - remaining)
      this.#rateBytes =
        this.#rateBytes === undefined
          ? gone
          : this.#rateBytes + (gone - this.#rateBytes) * NEWEST_WEIGHT
    }
    this.#lastRemaining = remaining
  }

  /** The durable replica holds what the source held at that moment, but for a few blocks. */
  durable(momentMs: number): void {
    this.#equalAtMs = Math.max(this.#equalAtMs, momentMs)
  }

  /** By how much the durable replica is behind the source; 0 while nothing waits. */
  lagSeconds(remaining: number): number {
    if (remaining === 0) {
      this.#equalAtMs = performance.now()
      return 0
    }
    return (performance.now() - this.#equalAtMs) / 1000
  }

  /** Undefined while nothing moves. */
  etaSeconds(remaining: number): number | undefined {
    if (remaining === 0) return 0
    return this.#rateBytes ? Math.ceil(remaining / this.#rateBytes) : undefined
  }
}
