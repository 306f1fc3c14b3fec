import {
  replicationFailure,
  type AgentReplicationReport,
  type DataReplicationError,
  type DataReplicationErrorCode,
  type DataReplicationState,
  type SourceDisk,
} from '@landfall/model'
import { isoDuration } from '../durations.ts'
import type { Timing } from '../timing.ts'
import { initiationSteps, isInitiated, type StepView } from './initiation-steps.ts'
import type { DesiredReplication, Initiation } from './tables.ts'

/** All that is known about a server's replication. */
export interface ReplicationFacts {
  readonly desired: DesiredReplication
  readonly initiation: Initiation
  /** When a replication server was last heard of, if ever. */
  readonly stagingSeenAt: Date | null
  readonly stagingError: DataReplicationError | null
  readonly report: AgentReplicationReport | null
  readonly reportedAt: Date | null
  readonly lastSeenAt: Date | null
  readonly points: {
    /** The moment of the newest available point. */
    readonly newestTakenAt: Date | null
    /** Why the last one failed, when no later one succeeded. */
    readonly error: string | null
  }
  readonly replicatorID: string | null
  readonly disks: readonly SourceDisk[]
}

/** MGN's `dataReplicationInfo`. */
export interface DataReplicationInfo {
  readonly dataReplicationState: DataReplicationState
  /** Present if and only if the server is launchable. */
  readonly lagDuration?: string
  readonly etaDateTime?: string
  readonly lastSnapshotDateTime?: string
  readonly replicatorId?: string
  readonly replicatedDisks: readonly {
    readonly deviceName: string
    readonly totalStorageBytes: number
    readonly replicatedStorageBytes: number
    readonly rescannedStorageBytes: number
    readonly backloggedStorageBytes: number
  }[]
  readonly dataReplicationInitiation: {
    readonly startDateTime?: string
    readonly nextAttemptDateTime?: string
    readonly steps: readonly StepView[]
  }
  readonly dataReplicationError?: DataReplicationError
}

/**
 * What is shown of a server's replication. Everything is derived here and only here, so that state,
 * steps, error, lag and progress cannot contradict each other.
 */
export function viewReplication(
  facts: ReplicationFacts,
  now: Date,
  timing: Timing,
): DataReplicationInfo {
  const error = findError(facts, now, timing)
  const state = findState(facts, error)
  const { newestTakenAt } = facts.points
  const kept = facts.desired === 'REPLICATING' || facts.desired === 'PAUSED'
  const { startedAt } = facts.initiation
  return {
    dataReplicationState: state,
    ...(kept && newestTakenAt && { lagDuration: isoDuration(lagMs(facts, state, now)) }),
    ...etaOf(facts, state),
    ...(kept && newestTakenAt && { lastSnapshotDateTime: newestTakenAt.toISOString() }),
    ...(kept && facts.replicatorID && { replicatorId: facts.replicatorID }),
    replicatedDisks: disksOf(facts, kept),
    dataReplicationInitiation: {
      ...(startedAt && { startDateTime: startedAt }),
      ...nextAttemptOf(facts, error),
      steps: initiationSteps(facts, error?.error),
    },
    ...(error && { dataReplicationError: error }),
  }
}

/** How many seconds a launch now would be behind; undefined while there is no point to launch. */
export function replicationLagSeconds(
  facts: ReplicationFacts,
  info: DataReplicationInfo,
  now: Date,
): number | undefined {
  if (!isLaunchable(info)) return undefined
  return lagMs(facts, info.dataReplicationState, now) / 1000
}

/** A launch needs a point that is kept. */
export function isLaunchable(info: DataReplicationInfo): boolean {
  return info.lagDuration !== undefined
}

/** Told beside the state, because data still flows: a point failed, or the backlog grows. */
const TOLD_BESIDE: readonly DataReplicationErrorCode[] = ['SNAPSHOTS_FAILURE', 'NOT_CONVERGING']

function findState(
  facts: ReplicationFacts,
  error: DataReplicationError | undefined,
): DataReplicationState {
  if (facts.desired !== 'REPLICATING') return facts.desired
  if (error && !TOLD_BESIDE.includes(error.error)) return 'STALLED'
  const { report } = facts
  if (report === null || !isInitiated(facts)) return 'INITIATING'
  if (report.state === 'CONTINUOUS' && facts.points.newestTakenAt === null) {
    return 'CREATING_SNAPSHOT'
  }
  return report.state
}

/** The one trouble to show: what is nearest to the root first. */
function findError(
  facts: ReplicationFacts,
  now: Date,
  timing: Timing,
): DataReplicationError | undefined {
  if (facts.desired !== 'REPLICATING') return undefined
  const silentMs = now.getTime() - heardAt(facts).getTime()
  if (silentMs > timing.agentNotSeenMs) return notSeen(silentMs)
  const silent = stagingSilence(facts, now, timing)
  if (silent !== undefined) return silent
  const { volumesError } = facts.initiation
  if (volumesError !== undefined) {
    return replicationFailure('FAILED_TO_CREATE_STAGING_DISKS', volumesError)
  }
  if (facts.stagingError) return facts.stagingError
  const { report } = facts
  if (report?.error) return report.error
  if (report?.state === 'STALLED') {
    return replicationFailure('UNSTABLE_NETWORK', 'the agent says that no data flows, and not why')
  }
  const { newestTakenAt, error } = facts.points
  const lateMs = now.getTime() - (newestTakenAt ?? new Date(0)).getTime()
  if (error === null || lateMs <= timing.pointsLateMs) return undefined
  return replicationFailure('SNAPSHOTS_FAILURE', error)
}

/** Nothing of the initiation happens while no replication server asks what to do. */
function stagingSilence(
  { initiation, stagingSeenAt }: ReplicationFacts,
  now: Date,
  timing: Timing,
): DataReplicationError | undefined {
  if (initiation.volumesCreatedAt !== undefined || initiation.dataAt !== undefined) return undefined
  const startedAt = new Date(initiation.startedAt ?? 0)
  const heard = stagingSeenAt !== null && stagingSeenAt > startedAt ? stagingSeenAt : startedAt
  const silentMs = now.getTime() - heard.getTime()
  if (silentMs <= timing.stagingNotSeenMs) return undefined
  return stagingSeenAt === null
    ? replicationFailure('FAILED_TO_LAUNCH_REPLICATION_SERVER', 'none has been heard of yet')
    : replicationFailure(
        'FAILED_TO_AUTHENTICATE_WITH_SERVICE',
        `it has been silent for ${isoDuration(silentMs)}`,
      )
}

/** The service asks again for volumes, the agent connects again: each tells when. */
function nextAttemptOf(
  { initiation, report, reportedAt }: ReplicationFacts,
  error: DataReplicationError | undefined,
): { nextAttemptDateTime?: string } {
  if (initiation.nextAttemptAt) return { nextAttemptDateTime: initiation.nextAttemptAt }
  const seconds = report?.nextAttemptSeconds
  if (seconds === undefined || reportedAt === null || report?.error !== error) return {}
  return { nextAttemptDateTime: new Date(reportedAt.getTime() + seconds * 1000).toISOString() }
}

/** An agent that has not come yet gets its time from the start of the initiation. */
function heardAt({ lastSeenAt, initiation }: ReplicationFacts): Date {
  const startedAt = new Date(initiation.startedAt ?? 0)
  return lastSeenAt !== null && lastSeenAt > startedAt ? lastSeenAt : startedAt
}

function notSeen(silentMs: number): DataReplicationError {
  const cause = `it has not been heard of for ${isoDuration(silentMs)}`
  return replicationFailure('AGENT_NOT_SEEN', cause)
}

/** How far a launch now would be behind: what the agent said, and its silence since then. */
function lagMs(facts: ReplicationFacts, state: DataReplicationState, now: Date): number {
  const { report, reportedAt } = facts
  if (report === null || reportedAt === null) {
    return now.getTime() - (facts.points.newestTakenAt ?? now).getTime()
  }
  const told = report.lagSeconds * 1000
  const flows = state === 'CONTINUOUS' && report.lagSeconds === 0
  return flows ? 0 : told + Math.max(0, now.getTime() - reportedAt.getTime())
}

function etaOf(facts: ReplicationFacts, state: DataReplicationState) {
  const { report, reportedAt } = facts
  if (report?.etaSeconds === undefined || reportedAt === null) return {}
  if (state !== 'INITIAL_SYNC' && state !== 'RESCAN' && state !== 'BACKLOG') return {}
  return { etaDateTime: new Date(reportedAt.getTime() + report.etaSeconds * 1000).toISOString() }
}

function disksOf(facts: ReplicationFacts, kept: boolean): DataReplicationInfo['replicatedDisks'] {
  if (kept && facts.report !== null && facts.report.disks.length > 0) {
    return facts.report.disks.map((disk) => ({
      deviceName: disk.deviceName,
      // The agent does not know the size of a disk that is not there.
      totalStorageBytes: disk.totalStorageBytes || registeredBytes(facts, disk.deviceName),
      replicatedStorageBytes: disk.replicatedStorageBytes,
      rescannedStorageBytes: disk.rescannedStorageBytes,
      backloggedStorageBytes: disk.backloggedStorageBytes,
    }))
  }
  return facts.disks.map((disk) => ({
    deviceName: disk.deviceName,
    // MGN: a disconnected server's disks have a total of 0, which says that nothing is kept.
    totalStorageBytes: kept ? disk.bytes : 0,
    replicatedStorageBytes: 0,
    rescannedStorageBytes: 0,
    backloggedStorageBytes: 0,
  }))
}

function registeredBytes({ disks }: ReplicationFacts, deviceName: string): number {
  return disks.find((disk) => disk.deviceName === deviceName)?.bytes ?? 0
}
