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
  rows: readonly SourceServerRow[],
  now: Date,
  timing: Timing,
): Promise<DataReplicationInfo[]> {
  const facts = await readReplicationFacts(db, rows)
  return facts.map((one) => viewReplication(one, now, timing))
}

/** What that is derived from, in the order of the rows. */
export async function readReplicationFacts(
  db: Kysely<Schema>,
  rows: readonly SourceServerRow[],
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
  row: SourceServerRow,
  now: Date,
  timing: Timing,
): Promise<DataReplicationInfo> {
  const [info] = await viewReplications(db, [row], now, timing)
  if (info === undefined) throw new Error('one row gives one view')
  return info
}

function factsOf(
  row: SourceServerRow,
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

async function readPointFacts(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Map<string, PointFacts>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('points')
    .select(({ fn }) => [
      'source_server_id',
      fn.max('taken_at').filterWhere('state', '=', 'AVAILABLE').as('newest'),
      // The error of the last point, when that one failed.
      sql<string | null>`(array_agg(error order by seq desc))[1]`.as('error'),
    ])
    .where('source_server_id', 'in', ids)
    .groupBy('source_server_id')
    .execute()
  return new Map(
    rows.map((row) => [row.source_server_id, { newestTakenAt: row.newest, error: row.error }]),
  )
}
