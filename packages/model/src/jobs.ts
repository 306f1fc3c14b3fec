/** Jobs in MGN's words. */
export type JobType = 'LAUNCH' | 'TERMINATE'
export type JobInitiatedBy = 'START_TEST' | 'START_CUTOVER' | 'DIAGNOSTIC' | 'TERMINATE'
export type JobStatus = 'PENDING' | 'STARTED' | 'COMPLETED'
export type LaunchStatus = 'PENDING' | 'IN_PROGRESS' | 'LAUNCHED' | 'FAILED' | 'TERMINATED'
export type FirstBoot = 'WAITING' | 'SUCCEEDED' | 'UNKNOWN' | 'STOPPED'

export const JOB_LOG_EVENTS = [
  'JOB_START',
  'SERVER_SKIPPED',
  'CLEANUP_START',
  'CLEANUP_END',
  'CLEANUP_FAIL',
  'SNAPSHOT_START',
  'SNAPSHOT_END',
  'SNAPSHOT_FAIL',
  'USING_PREVIOUS_SNAPSHOT',
  'CONVERSION_START',
  'CONVERSION_END',
  'CONVERSION_FAIL',
  'LAUNCH_START',
  'LAUNCH_FAILED',
  'JOB_CANCEL',
  'JOB_END',
] as const

export type JobLogEvent = (typeof JOB_LOG_EVENTS)[number]
