import type { LifecycleEvent } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { JobKind } from './tables.ts'

const LAUNCHING: readonly JobKind[] = ['LAUNCH', 'TERMINATE']
const ANY: readonly JobKind[] = [...LAUNCHING, 'RELEASE']

/**
 * The jobs that must have ended before an event: one job at a time for each server, and nothing
 * starts anew where the staging area is still being given back.
 */
const WAITS_FOR: Partial<Record<LifecycleEvent, readonly JobKind[]>> = {
  AgentRegistered: ['RELEASE'],
  StartReplication: ['RELEASE'],
  StartTest: ANY,
  StartCutover: ANY,
  PromoteTestInstance: ANY,
  TerminateTargetInstances: ANY,
  FinalizeCutover: LAUNCHING,
  DisconnectFromService: LAUNCHING,
  StopReplication: LAUNCHING,
  DeleteSourceServer: LAUNCHING,
}

/** A job that has not ended. */
export interface OpenJob {
  readonly jobID: string
  readonly kind: JobKind
}

/** What each server takes part in. */
export async function openJobsOf(
  db: Kysely<Schema>,
  sourceServerIDs: readonly string[],
): Promise<Map<string, OpenJob[]>> {
  if (sourceServerIDs.length === 0) return new Map()
  const rows = await db
    .selectFrom('jobs')
    .innerJoin('job_servers', 'job_servers.job_id', 'jobs.job_id')
    .select(['jobs.job_id', 'jobs.kind', 'job_servers.source_server_id'])
    .where('job_servers.source_server_id', 'in', sourceServerIDs)
    .where('jobs.status', '<>', 'COMPLETED')
    .execute()
  return Map.groupBy(
    rows.map(({ source_server_id: id, job_id: jobID, kind }) => ({ id, jobID, kind })),
    ({ id }) => id,
  )
}

/**
 * What the event has to wait for, in words that go on about the server; undefined: nothing. Jobs
 * are looked up only for an event that waits for any.
 */
export async function hindranceOf(
  event: LifecycleEvent,
  openJobs: () => Promise<readonly OpenJob[]>,
): Promise<string | undefined> {
  const kinds = WAITS_FOR[event]
  if (kinds === undefined) return undefined
  const job = (await openJobs()).find(({ kind }) => kinds.includes(kind))
  if (job === undefined) return undefined
  return job.kind === 'RELEASE'
    ? 'is still giving back its staging area; try again in a few minutes'
    : `takes part in job ${job.jobID}, which has not ended; try again when it has`
}
