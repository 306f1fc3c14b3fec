import type { LifecycleEvent } from './lifecycle.ts'

/** What an operator does next with a server, as MGN's console says it. */
export type NextStep =
  | 'INSTALL_AGENT'
  | 'WAIT_FOR_INITIAL_SYNC'
  | 'START_REPLICATION'
  | 'RESUME_REPLICATION'
  | 'RESOLVE_STALL'
  | 'LAUNCH_TEST_INSTANCE'
  | 'MARK_READY_FOR_CUTOVER'
  | 'LAUNCH_CUTOVER_INSTANCE'
  | 'FINALIZE_CUTOVER'
  | 'MARK_AS_ARCHIVED'
  | 'NONE'

/** What can be done to a server: events of its life cycle, and operations that are none. */
export type ServerAction =
  | LifecycleEvent
  | 'PauseReplication'
  | 'ResumeReplication'
  | 'RetryDataReplication'
  | 'CreatePoint'
  | 'StartVerification'
