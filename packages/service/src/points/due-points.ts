import {
  isPointDue,
  POINT_POLICY_DEFAULT,
  type DataReplicationState,
  type PointPolicy,
} from '@landfall/model'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { REPLICATION_COLUMNS, viewReplications } from '../source-servers/records.ts'
import { isLaunchable } from '../source-servers/replication-view.ts'
import type { Timing } from '../timing.ts'
import { requestPoint } from './points.ts'

interface DueOptions {
  readonly now: Date
  readonly timing: Timing
}

/** Where the schedule makes points: the backlog is small enough to be drained for one. */
const STATES: readonly DataReplicationState[] = ['CONTINUOUS', 'BACKLOG']

/** Servers looked at more closely at once: most of those that are due can give a point. */
const LOOKED_AT_ONCE = 50

/**
 * The servers whose policy wants a point now and that can give one, longest without first. None
 * while one is being made: it may serve. Whoever wants only the first does not pay for the rest.
 */
export async function* dueServers(db: Kysely<Schema>, options: DueOptions): AsyncGenerator<string> {
  const due = await readDue(db, undefined, options)
  for (let from = 0; from < due.length; from += LOOKED_AT_ONCE) {
    yield* await keepAble(db, due.slice(from, from + LOOKED_AT_ONCE), options)
  }
}

/** Asks for the server's point, if it is due with its row locked; says whether it was. */
export async function requestDuePoint(
  trx: Transaction<Schema>,
  sourceServerID: string,
  options: DueOptions,
): Promise<boolean> {
  await trx
    .selectFrom('source_servers')
    .select('source_server_id')
    .where('source_server_id', '=', sourceServerID)
    .forUpdate()
    .execute()
  const due = await readDue(trx, sourceServerID, options)
  if ((await keepAble(trx, due, options)).length === 0) return false
  await requestPoint(trx, { sourceServerID, now: options.now, reason: 'SCHEDULED' })
  return true
}

/** Which servers' policies want a point, longest without first; of all, or whether this one's. */
async function readDue(
  db: Kysely<Schema>,
  sourceServerID: string | undefined,
  { now, timing }: DueOptions,
): Promise<string[]> {
  const histories = await readHistories(db, sourceServerID)
  const clock = { now, retryMs: timing.pointScheduleRetryMs }
  return histories
    .filter(({ lastAt, failedAt, policy }) =>
      isPointDue(
        policy ?? POINT_POLICY_DEFAULT,
        { lastAt, failedAt: failedAt ?? undefined },
        clock,
      ),
    )
    .map(({ server }) => server)
}

/** Those of the servers that can give a point, in their order. */
async function keepAble(
  db: Kysely<Schema>,
  ids: readonly string[],
  { now, timing }: DueOptions,
): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('source_servers')
    .select(REPLICATION_COLUMNS)
    .where('source_server_id', 'in', ids)
    .execute()
  const infos = await viewReplications(db, rows, now, timing)
  const able = new Set(
    rows
      .filter((_, index) => {
        const info = infos[index]
        return info && isLaunchable(info) && STATES.includes(info.dataReplicationState)
      })
      .map((row) => row.source_server_id),
  )
  return ids.filter((id) => able.has(id))
}

interface History {
  readonly server: string
  readonly lastAt: Date
  /** Only when the very last failed. */
  readonly failedAt: Date | null
  readonly policy: PointPolicy | null
}

/**
 * When points were asked for, longest ago first, of the servers that replicate, have had a point
 * and are not making one: by looks into an index for each, however many points it has.
 */
async function readHistories(
  db: Kysely<Schema>,
  sourceServerID: string | undefined,
): Promise<readonly History[]> {
  const { rows } = await sql<History>`
    select server, last.requested_at as "lastAt", newest.failed_at as "failedAt", policy
      from (
        select source_server_id as server from source_servers
          where desired = 'REPLICATING'
            and source_server_id = coalesce(${sourceServerID ?? null}, source_server_id)
        ) replicating
      join lateral (
        select requested_at from points
          where source_server_id = server and state <> 'FAILED' order by seq desc limit 1
        ) last on true
      join lateral (
        select case when state = 'FAILED' then requested_at end as failed_at from points
          where source_server_id = server order by seq desc limit 1
        ) newest on true
      left join point_policies on point_policies.source_server_id = server
      where not exists (
        select from points where source_server_id = server and state = 'REQUESTED')
      order by last.requested_at`.execute(db)
  return rows
}
