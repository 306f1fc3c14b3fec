import type { LifecycleEvent } from '@landfall/model'
import type { Transaction } from 'kysely'
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

/**
 * What goes on with a server that `event` has to wait for, in words; undefined when nothing does.
 */
export async function findOpenJob(
  trx: Transaction<Schema>,
  sourceServerID: string,
  event: LifecycleEvent,
): Promise<string | undefined> {
  const kinds = WAITS_FOR[event]
  if (kinds === undefined) return undefined
  const job = await trx
    .selectFrom('jobs')
    .innerJoin('job_servers', 'job_servers.job_id', 'jobs.job_id')
    .select(['jobs.job_id', 'jobs.kind'])
    .where('job_servers.source_server_id', '=', sourceServerID)
    .where('jobs.status', '<>', 'COMPLETED')
    .where('jobs.kind', 'in', kinds)
    .executeTakeFirst()
  if (job === undefined) return undefined
  return job.kind === 'RELEASE'
    ? 'is still giving back its staging area; try again in a few minutes'
    : `takes part in job ${job.job_id}, which has not ended; try again when it has`
}
