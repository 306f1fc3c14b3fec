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

/** MGN's JobLogEventData. */
export interface JobLogEventData {
  /** Absent: of the whole job. */
  readonly sourceServerID?: string
  readonly conversionServerID?: string
  readonly targetInstanceID?: string
  /** Why something failed. */
  readonly rawError?: string
  readonly attemptCount?: number
  readonly maxAttemptsCount?: number
}

/** MGN's JobLog: one entry; its moment is ISO 8601 in UTC. */
export interface JobLogItem {
  readonly logDateTime: string
  readonly event: JobLogEvent
  readonly eventData: JobLogEventData
}
