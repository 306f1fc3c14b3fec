import {
  JOBS_AT_ONCE_MAX,
  LandfallError,
  newId,
  SERVERS_PER_JOB_MAX,
  type JobInitiatedBy,
} from '@landfall/model'
import { sql, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { JobQueue } from './queue.ts'
import { SHOWN_KINDS, type JobKind, type JobRow } from './tables.ts'

/** Serialises the counting of jobs; any number that nobody else in this database uses. */
const JOB_LIMIT_LOCK = 1_500_001

export interface NewJob {
  readonly kind: JobKind
  readonly initiatedBy: JobInitiatedBy | null
  readonly sourceServerIDs: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly now: Date
  /** The ID, when it had to be known before. */
  readonly jobID?: string
}

/**
 * Records a job and puts it into the queue. `conflict` when there are too many: MGN runs 20 jobs
 * with 200 servers at once. The service's own jobs are not counted: nobody can wait for them.
 */
export async function createJob(
  trx: Transaction<Schema>,
  queue: JobQueue,
  job: NewJob,
): Promise<JobRow> {
  if (SHOWN_KINDS.includes(job.kind)) await checkLimits(trx, job.sourceServerIDs.length)
  const row = await trx
    .insertInto('jobs')
    .values({
      job_id: job.jobID ?? newId('job'),
      kind: job.kind,
      initiated_by: job.initiatedBy,
      status: 'PENDING',
      created_at: job.now,
      tags: JSON.stringify(job.tags),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await trx
    .insertInto('job_servers')
    .values(
      job.sourceServerIDs.map((id) => ({
        job_id: row.job_id,
        source_server_id: id,
        launch_status: 'PENDING' as const,
      })),
    )
    .execute()
  await queue.enqueue(trx, row.job_id)
  return row
}

async function checkLimits(trx: Transaction<Schema>, adding: number) {
  await sql`select pg_advisory_xact_lock(${JOB_LIMIT_LOCK})`.execute(trx)
  const open = await trx
    .selectFrom('jobs')
    .innerJoin('job_servers', 'job_servers.job_id', 'jobs.job_id')
    .select(({ fn }) => [
      fn.count<number>('jobs.job_id').distinct().as('jobs'),
      fn.countAll<number>().as('servers'),
    ])
    .where('jobs.status', '<>', 'COMPLETED')
    .where('jobs.kind', 'in', SHOWN_KINDS)
    .executeTakeFirstOrThrow()
  if (open.jobs >= JOBS_AT_ONCE_MAX) {
    throw tooMany(`${open.jobs} jobs are in progress, which is the limit`)
  }
  if (open.servers + adding > SERVERS_PER_JOB_MAX) {
    throw tooMany(
      `${open.servers} source servers are in jobs; at most ${SERVERS_PER_JOB_MAX} can be`,
    )
  }
}

function tooMany(what: string): LandfallError {
  return new LandfallError('conflict', `${what}; wait until one has ended`)
}
