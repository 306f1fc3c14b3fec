import type {
  InstancePurpose,
  JobInitiatedBy,
  JobLogEvent,
  JobLogEventData,
  JobStatus,
  JobType,
  LaunchPurpose,
  LaunchStatus,
} from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/**
 * MGN's job types and our own, which run like the others and are not shown by the API: RELEASE
 * gives back the staging area of a server that no longer replicates, REHEARSAL tries whether one
 * would boot.
 */
export type JobKind = JobType | 'RELEASE' | 'REHEARSAL'

/** What the API shows, and MGN's limits count. */
export const SHOWN_KINDS: readonly JobKind[] = ['LAUNCH', 'TERMINATE']

export interface JobsTable {
  job_id: string
  seq: Generated<number>
  kind: JobKind
  initiated_by: JobInitiatedBy | null
  status: JobStatus
  created_at: ColumnType<Date, Date, never>
  ended_at: Date | null
  tags: JsonColumn<Record<string, string>>
}

export interface JobServersTable {
  job_id: string
  source_server_id: string
  launch_status: LaunchStatus
  instance_id: string | null
}

/** One attempt at one step, written before it starts and after it ended. */
export interface JobStepsTable {
  job_id: string
  source_server_id: string
  step: string
  attempt: number
  started_at: ColumnType<Date, Date, never>
  /** What was decided before it started, so that a second go decides nothing else. */
  plan: JsonColumn<object>
  /** What its log events say. */
  data: JsonColumn<JobLogEventData>
  ended_at: Date | null
  /** Null while it runs. */
  succeeded: boolean | null
  /** What later steps need of it. */
  result: JsonColumn<object> | null
  error: string | null
}

export interface JobLogTable {
  job_id: string
  seq: Generated<number>
  /** Empty for events of the whole job. */
  source_server_id: string
  event: JobLogEvent
  attempt: number
  logged_at: ColumnType<Date, Date, never>
  data: JsonColumn<JobLogEventData>
}

export type JobRow = Selectable<JobsTable>

/** What the instances of a job are for. */
export function purposeOf(job: Pick<JobRow, 'kind' | 'initiated_by'>): InstancePurpose {
  return job.kind === 'REHEARSAL' ? 'REHEARSAL' : launchPurposeOf(job)
}

/** What the instances of a launch job are for. */
export function launchPurposeOf({ initiated_by }: Pick<JobRow, 'initiated_by'>): LaunchPurpose {
  return initiated_by === 'START_CUTOVER' ? 'CUTOVER' : 'TEST'
}

export type JobServerRow = Selectable<JobServersTable>
export type JobStepRow = Selectable<JobStepsTable>

export interface JobTables {
  jobs: JobsTable
  job_servers: JobServersTable
  job_steps: JobStepsTable
  job_log: JobLogTable
}
