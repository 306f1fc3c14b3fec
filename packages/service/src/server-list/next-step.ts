import type { LifecycleState, NextStep } from '@landfall/model'
import type { DataReplicationInfo } from '../source-servers/replication-view.ts'

/** By the life cycle, once data replication is as it should be. */
const BY_STATE: Readonly<Record<LifecycleState, NextStep>> = {
  DISCOVERED: 'INSTALL_AGENT',
  PENDING_INSTALLATION: 'INSTALL_AGENT',
  NOT_READY: 'WAIT_FOR_INITIAL_SYNC',
  READY_FOR_TEST: 'LAUNCH_TEST_INSTANCE',
  TESTING: 'MARK_READY_FOR_CUTOVER',
  READY_FOR_CUTOVER: 'LAUNCH_CUTOVER_INSTANCE',
  CUTTING_OVER: 'FINALIZE_CUTOVER',
  CUTOVER: 'MARK_AS_ARCHIVED',
  DISCONNECTED: 'MARK_AS_ARCHIVED',
  STOPPED: 'START_REPLICATION',
}

/** The states in which a launch needs what is replicated. */
const REPLICATES: readonly LifecycleState[] = [
  'NOT_READY',
  'READY_FOR_TEST',
  'TESTING',
  'READY_FOR_CUTOVER',
  'CUTTING_OVER',
]

export function nextStepOf(
  { state, is_archived: isArchived }: { state: LifecycleState; is_archived: boolean },
  { dataReplicationState }: Pick<DataReplicationInfo, 'dataReplicationState'>,
): NextStep {
  if (isArchived) return 'NONE'
  if (REPLICATES.includes(state)) {
    if (dataReplicationState === 'STALLED') return 'RESOLVE_STALL'
    if (dataReplicationState === 'PAUSED') return 'RESUME_REPLICATION'
  }
  return BY_STATE[state]
}
