import { sql, type Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { found } from '../not-found.ts'
import type { Timing } from '../timing.ts'
import {
  viewReplication,
  type DataReplicationInfo,
  type ReplicationFacts,
} from './replication-view.ts'
import type { SourceServerRow } from './tables.ts'

type PointFacts = ReplicationFacts['points']

const NO_POINTS: PointFacts = { newestTakenAt: null, error: null }

/** What of a server's row is shown of its replication. */
export const REPLICATION_COLUMNS = [
  'source_server_id',
  'desired',
  'initiation',
  'staging_error',
  'report',
  'reported_at',
  'last_seen_at',
  'replicator_id',
  'properties',
] as const satisfies readonly (keyof SourceServerRow)[]

export type ReplicationRow = Pick<SourceServerRow, (typeof REPLICATION_COLUMNS)[number]>

/** The server's row; `not_found` when there is none. */
export async function readServer(db: Kysely<Schema>, id: string): Promise<SourceServerRow> {
  const row = await db
    .selectFrom('source_servers')
    .selectAll()
    .where('source_server_id', '=', id)
    .executeTakeFirst()
  return found(row, 'SourceServer', id)
}

/** The same, and nobody else changes it before the transaction ends. */
export async function lockServer(trx: Kysely<Schema>, id: string): Promise<SourceServerRow> {
  const row = await trx
    .selectFrom('source_servers')
    .selectAll()
    .where('source_server_id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return found(row, 'SourceServer', id)
}

/** What is shown of each server's replication, in the order of the rows. */
export async function viewReplications(
  db: Kysely<Schema>,
  rows: readonly ReplicationRow[],
  now: Date,
  timing: Timing,
): Promise<DataReplicationInfo[]> {
  const facts = await readReplicationFacts(db, rows)
  return facts.map((one) => viewReplication(one, now, timing))
}

/** What that is derived from, in the order of the rows. */
export async function readReplicationFacts(
  db: Kysely<Schema>,
  rows: readonly ReplicationRow[],
): Promise<ReplicationFacts[]> {
  const ids = rows.map((row) => row.source_server_id)
  const points = await readPointFacts(db, ids)
  const staging = await db
    .selectFrom('replication_servers')
    .select(({ fn }) => fn.max('last_seen_at').as('seen'))
    .executeTakeFirst()
  return rows.map((row) =>
    factsOf(row, points.get(row.source_server_id) ?? NO_POINTS, staging?.seen ?? null),
  )
}

export async function viewReplicationOf(
  db: Kysely<Schema>,
  row: ReplicationRow,
  now: Date,
  timing: Timing,
): Promise<DataReplicationInfo> {
  const [info] = await viewReplications(db, [row], now, timing)
  if (info === undefined) throw new Error('one row gives one view')
  return info
}

function factsOf(
  row: ReplicationRow,
  points: PointFacts,
  stagingSeenAt: Date | null,
): ReplicationFacts {
  return {
    desired: row.desired,
    initiation: row.initiation,
    stagingSeenAt,
    stagingError: row.staging_error,
    report: row.report,
    reportedAt: row.reported_at,
    lastSeenAt: row.last_seen_at,
    points,
    replicatorID: row.replicator_id,
    disks: row.properties.disks,
  }
}

/** By two looks into an index for each server, however many points it has. */
async function readPointFacts(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Map<string, PointFacts>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ server: string; newest: Date | null; error: string | null }>`
    select server, newest.taken_at as newest, last.error as error
      from unnest(${ids}::text[]) server
      left join lateral (
        select taken_at from points
          where source_server_id = server and state = 'AVAILABLE' order by seq desc limit 1
        ) newest on true
      -- Its error, when the last point failed.
      left join lateral (
        select error from points where source_server_id = server order by seq desc limit 1
        ) last on true`.execute(db)
  return new Map(
    rows.map(({ server, newest, error }) => [server, { newestTakenAt: newest, error }]),
  )
}
