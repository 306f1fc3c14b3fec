import { arnOf, type JobLogItem } from '@landfall/model'
import type { Kysely, Selectable } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { viewPostLaunchActions } from '../post-launch-actions/run-views.ts'
import type { JobLogTable, JobRow, JobServerRow } from './tables.ts'

export type Account = { readonly region: string; readonly accountID: string }

/** MGN's Job for each row, in their order. */
export async function viewJobs(
  db: Kysely<Schema>,
  rows: readonly JobRow[],
  account: Account,
): Promise<object[]> {
  if (rows.length === 0) return []
  const servers = await db
    .selectFrom('job_servers')
    .selectAll()
    .where(
      'job_id',
      'in',
      rows.map((row) => row.job_id),
    )
    .orderBy('source_server_id')
    .execute()
  const byJob = Map.groupBy(servers, (server) => server.job_id)
  const launched = servers.flatMap(({ instance_id: id }) => (id === null ? [] : [id]))
  const actions = await viewPostLaunchActions(db, launched)
  return rows.map((row) => viewJob(row, byJob.get(row.job_id) ?? [], { account, actions }))
}

function viewJob(
  row: JobRow,
  servers: readonly JobServerRow[],
  {
    account,
    actions,
  }: { readonly account: Account; readonly actions: ReadonlyMap<string, object> },
): object {
  return {
    jobID: row.job_id,
    arn: arnOf('job', row.job_id, account),
    type: row.kind,
    initiatedBy: row.initiated_by,
    creationDateTime: row.created_at.toISOString(),
    ...(row.ended_at && { endDateTime: row.ended_at.toISOString() }),
    status: row.status,
    participatingServers: servers.map((server) => {
      // A job that terminates an instance has nothing to do with what ran on it.
      const status = row.kind === 'LAUNCH' ? actions.get(server.instance_id ?? '') : undefined
      return {
        sourceServerID: server.source_server_id,
        launchStatus: server.launch_status,
        ...(server.instance_id !== null && { launchedEc2InstanceID: server.instance_id }),
        ...(status !== undefined && { postLaunchActionsStatus: status }),
      }
    }),
    tags: row.tags,
  }
}

export function viewJobLogItem(row: Selectable<JobLogTable>): JobLogItem {
  return { logDateTime: row.logged_at.toISOString(), event: row.event, eventData: row.data }
}
