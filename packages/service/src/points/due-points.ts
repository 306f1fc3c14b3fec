import { isPointDue, POINT_POLICY_DEFAULT, type DataReplicationState } from '@landfall/model'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { viewReplications } from '../source-servers/records.ts'
import { isLaunchable } from '../source-servers/replication-view.ts'
import type { Timing } from '../timing.ts'
import { requestPoint } from './points.ts'
import { readPolicies } from './policies.ts'

interface DueOptions {
  readonly now: Date
  readonly timing: Timing
}

/** Where the schedule makes points: the backlog is small enough to be drained for one. */
const STATES: readonly DataReplicationState[] = ['CONTINUOUS', 'BACKLOG']

/**
 * The servers whose policy wants a point now and that can give one, longest without first. None
 * while one is being made: it may serve.
 */
export async function readDueServers(db: Kysely<Schema>, options: DueOptions): Promise<string[]> {
  const rows = await db
    .selectFrom('source_servers')
    .selectAll()
    .where('desired', '=', 'REPLICATING')
    .execute()
  return chooseDue(db, rows, options)
}

/** Asks for the server's point, if it is due with its row locked; says whether it was. */
export async function requestDuePoint(
  trx: Transaction<Schema>,
  sourceServerID: string,
  options: DueOptions,
): Promise<boolean> {
  const rows = await trx
    .selectFrom('source_servers')
    .selectAll()
    .where('source_server_id', '=', sourceServerID)
    .where('desired', '=', 'REPLICATING')
    .forUpdate()
    .execute()
  const [due] = await chooseDue(trx, rows, options)
  if (due === undefined) return false
  await requestPoint(trx, { sourceServerID, now: options.now, reason: 'SCHEDULED' })
  return true
}

async function chooseDue(
  db: Kysely<Schema>,
  servers: Parameters<typeof viewReplications>[1],
  { now, timing }: DueOptions,
): Promise<string[]> {
  const ids = servers.map((row) => row.source_server_id)
  if (ids.length === 0) return []
  const policies = await readPolicies(db, ids)
  const clock = { now, retryMs: timing.pointScheduleRetryMs }
  const due = (await readHistories(db, ids)).filter(({ server, lastAt, failedAt, isMaking }) => {
    if (isMaking || lastAt === null) return false
    const history = { lastAt, failedAt: failedAt ?? undefined }
    return isPointDue(policies.get(server) ?? POINT_POLICY_DEFAULT, history, clock)
  })
  const dueIDs = due.map((row) => row.server)
  const dueServers = servers.filter((row) => dueIDs.includes(row.source_server_id))
  const views = await viewReplications(db, dueServers, now, timing)
  const able = new Set(
    dueServers
      .filter((_, index) => {
        const info = views[index]
        return info && isLaunchable(info) && STATES.includes(info.dataReplicationState)
      })
      .map((row) => row.source_server_id),
  )
  return dueIDs.filter((id) => able.has(id))
}

/** When each server's points were asked for, longest ago first. */
async function readHistories(db: Kysely<Schema>, ids: readonly string[]) {
  return db
    .selectFrom('points')
    .select([
      'source_server_id as server',
      sql<Date | null>`(array_agg(requested_at order by seq desc)
        filter (where state <> 'FAILED'))[1]`.as('lastAt'),
      // Only when the very last failed.
      sql<Date | null>`(array_agg(case when state = 'FAILED' then requested_at end
        order by seq desc))[1]`.as('failedAt'),
      sql<boolean>`bool_or(state = 'REQUESTED')`.as('isMaking'),
    ])
    .where('source_server_id', 'in', ids)
    .groupBy('source_server_id')
    .orderBy('lastAt')
    .execute()
}
