import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { launchPurposeOf, type JobRow } from '../jobs/tables.ts'

/** MGN's three kinds of event, each with its states. */
export type ServerEvent =
  | { readonly type: 'MGN Source Server Launch Result'; readonly detail: LaunchResult }
  | {
      readonly type: 'MGN Source Server Lifecycle State Change'
      readonly detail: { readonly state: 'READY_FOR_TEST' }
    }
  | {
      readonly type: 'MGN Source Server Data Replication Stalled Change'
      readonly detail: { readonly state: 'STALLED' | 'NOT_STALLED' }
    }

interface LaunchResult {
  readonly state: `${'TEST' | 'CUTOVER'}_LAUNCH_${'SUCCEEDED' | 'FAILED'}`
  readonly 'job-id': string
}

/** Records an event in the transaction of what it tells: both happen, or neither. */
export async function emit(
  trx: Kysely<Schema>,
  sourceServerID: string,
  { type, detail }: ServerEvent,
  now: Date,
): Promise<void> {
  await trx
    .insertInto('events')
    .values({
      event_id: randomUUID(),
      at: now,
      detail_type: type,
      source_server_id: sourceServerID,
      detail: JSON.stringify(detail),
    })
    .execute()
}

/** How a launch ended, for the server that it was of. */
export async function emitLaunchResult(
  trx: Kysely<Schema>,
  launch: { readonly job: JobRow; readonly sourceServerID: string; readonly succeeded: boolean },
  now: Date,
): Promise<void> {
  const { job, sourceServerID, succeeded } = launch
  const detail = {
    state: `${launchPurposeOf(job)}_LAUNCH_${succeeded ? 'SUCCEEDED' : 'FAILED'}`,
    'job-id': job.job_id,
  } as const
  await emit(trx, sourceServerID, { type: 'MGN Source Server Launch Result', detail }, now)
}
