import type { DataReplicationState, LifecycleState, NextStep } from '@landfall/model'
import type { DataReplicationInfo, SourceServer } from '../api/source-server.ts'

/** MGN's console's words. */
export const LIFECYCLE_WORDS: Readonly<Record<LifecycleState, string>> = {
  DISCOVERED: 'Discovered',
  PENDING_INSTALLATION: 'Agent not installed',
  NOT_READY: 'Not ready',
  READY_FOR_TEST: 'Ready for testing',
  TESTING: 'Test in progress',
  READY_FOR_CUTOVER: 'Ready for cutover',
  CUTTING_OVER: 'Cutover in progress',
  CUTOVER: 'Cutover complete',
  DISCONNECTED: 'Disconnected',
  STOPPED: 'Stopped',
}

export const NEXT_STEP_WORDS: Readonly<Record<NextStep, string>> = {
  INSTALL_AGENT: 'Install the agent',
  WAIT_FOR_INITIAL_SYNC: 'Wait for the initial sync',
  START_REPLICATION: 'Start data replication',
  RESUME_REPLICATION: 'Resume data replication',
  RESOLVE_STALL: 'Resolve the cause of the stall',
  LAUNCH_TEST_INSTANCE: 'Launch test instance',
  MARK_READY_FOR_CUTOVER: 'Complete testing and mark as “Ready for cutover”',
  LAUNCH_CUTOVER_INSTANCE: 'Launch cutover instance',
  FINALIZE_CUTOVER: 'Finalize cutover',
  MARK_AS_ARCHIVED: 'Mark as archived',
  NONE: '–',
}

export type Indication = 'success' | 'in-progress' | 'pending' | 'warning' | 'error' | 'stopped'

const REPLICATION_WORDS: Readonly<Record<DataReplicationState, readonly [Indication, string]>> = {
  STOPPED: ['stopped', 'Stopped'],
  INITIATING: ['in-progress', 'Initiating'],
  INITIAL_SYNC: ['in-progress', 'Initial sync'],
  BACKLOG: ['pending', 'Backlog'],
  CREATING_SNAPSHOT: ['in-progress', 'Creating the first point'],
  CONTINUOUS: ['success', 'Healthy'],
  PAUSED: ['stopped', 'Paused'],
  RESCAN: ['pending', 'Rescan'],
  STALLED: ['error', 'Stalled'],
  DISCONNECTED: ['stopped', 'Disconnected'],
}

/** What a list says of a server's data replication, and in which colour. */
export function replicationStatus({ dataReplicationInfo }: SourceServer): {
  readonly type: Indication
  readonly text: string
} {
  const [type, word] = REPLICATION_WORDS[dataReplicationInfo.dataReplicationState]
  const progress = replicationProgress(dataReplicationInfo)
  if (progress === undefined) return { type, text: word }
  return { type, text: `${word} ${progress.percent} %` }
}

export interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number
  /** Whole, rounded down: 100 is all of it. */
  readonly percent: number
}

/** MGN's name of what is wrong with data replication, to be read: `Agent not seen`. */
export function replicationErrorText(error: string): string {
  const words = error.replaceAll('_', ' ')
  return words.slice(0, 1) + words.slice(1).toLowerCase()
}

/** How far what has an end is; undefined where nothing has. */
export function replicationProgress({
  dataReplicationState: state,
  replicatedDisks,
}: Pick<DataReplicationInfo, 'dataReplicationState' | 'replicatedDisks'>): Progress | undefined {
  if (state !== 'INITIAL_SYNC' && state !== 'RESCAN') return undefined
  const totalBytes = sumOf(replicatedDisks, (disk) => disk.totalStorageBytes)
  if (totalBytes === 0) return undefined
  const doneBytes = sumOf(replicatedDisks, (disk) =>
    state === 'RESCAN' ? disk.rescannedStorageBytes : disk.replicatedStorageBytes,
  )
  return { doneBytes, totalBytes, percent: Math.floor((doneBytes / totalBytes) * 100) }
}

/** Written on the source and not yet in the replica, over all disks. */
export function backlogBytes({ replicatedDisks }: Pick<DataReplicationInfo, 'replicatedDisks'>) {
  return sumOf(replicatedDisks, (disk) => disk.backloggedStorageBytes)
}

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0)
}
