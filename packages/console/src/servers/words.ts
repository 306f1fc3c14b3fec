import type { LifecycleState, NextStep } from '@landfall/model'
import type { SourceServer } from '../api/source-server.ts'

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

type Indication = 'success' | 'in-progress' | 'pending' | 'warning' | 'error' | 'stopped'

const REPLICATION_WORDS: Readonly<Record<string, readonly [Indication, string]>> = {
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
  const { dataReplicationState: state, replicatedDisks } = dataReplicationInfo
  const [type, word] = REPLICATION_WORDS[state] ?? (['pending', state] as const)
  const sum = (pick: (disk: (typeof replicatedDisks)[number]) => number) =>
    replicatedDisks.reduce((total, disk) => total + pick(disk), 0)
  const total = sum((disk) => disk.totalStorageBytes)
  const done =
    state === 'INITIAL_SYNC'
      ? sum((disk) => disk.replicatedStorageBytes)
      : state === 'RESCAN'
        ? sum((disk) => disk.rescannedStorageBytes)
        : undefined
  if (done === undefined || total === 0) return { type, text: word }
  return { type, text: `${word} ${Math.floor((done / total) * 100)} %` }
}
