import { MIB, type Mismatch, type ReplicationDescription } from '@landfall/model'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { SourceServerRow } from './tables.ts'

/** Rows kept of one server: a staging disk that rots makes thousands. The sums stay. */
const KEPT_MAX = 1000

/** Shown of them: enough to see where they are. */
const SHOWN_MAX = 20

/**
 * Takes in mismatches of a server whose row is locked. What comes twice counts once; returns what
 * is new.
 */
export async function takeMismatches(
  trx: Transaction<Schema>,
  sourceServerID: string,
  mismatches: readonly Mismatch[],
): Promise<readonly Mismatch[]> {
  if (mismatches.length === 0) return []
  const inserted = await trx
    .insertInto('mismatches')
    .values(mismatches.map((mismatch) => rowOf(sourceServerID, mismatch)))
    .onConflict((conflict) => conflict.column('mismatch_id').doNothing())
    .returning('mismatch_id')
    .execute()
  const ids = new Set(inserted.map((row) => row.mismatch_id))
  const fresh = mismatches.filter(({ mismatchID }) => ids.has(mismatchID))
  const differentBytes = fresh.reduce((sum, mismatch) => sum + mismatch.differentBytes, 0)
  await trx
    .updateTable('source_servers')
    .set({
      mismatches_found: sql`mismatches_found + ${fresh.length}`,
      mismatched_bytes: sql`mismatched_bytes + ${differentBytes}`,
    })
    .where('source_server_id', '=', sourceServerID)
    .execute()
  await prune(trx, sourceServerID)
  return fresh
}

export async function viewMismatches(
  db: Kysely<Schema>,
  server: SourceServerRow,
): Promise<ReplicationDescription['mismatches']> {
  const rows = await db
    .selectFrom('mismatches')
    .selectAll()
    .where('source_server_id', '=', server.source_server_id)
    .orderBy('seq', 'desc')
    .limit(SHOWN_MAX)
    .execute()
  return {
    found: server.mismatches_found,
    differentBytes: server.mismatched_bytes,
    newest: rows.map((row) => ({
      foundBy: row.found_by,
      foundAt: row.found_at.toISOString(),
      deviceName: row.device_name,
      offset: row.first_offset,
      differentBytes: row.different_bytes,
      ...(row.point_id !== null && { pointID: row.point_id }),
    })),
  }
}

/** For the log. */
export function describeMismatch(sourceServerID: string, mismatch: Mismatch): string {
  const { deviceName, offset, differentBytes, foundBy, pointID } = mismatch
  const where = pointID === undefined ? 'the replica' : `point ${pointID}`
  return (
    `Mismatch: ${differentBytes / MIB} MiB of ${deviceName} of ${sourceServerID} at ${offset} ` +
    `differ from ${where} without having been written (${foundBy}); they are sent again`
  )
}

function rowOf(sourceServerID: string, mismatch: Mismatch) {
  return {
    mismatch_id: mismatch.mismatchID,
    source_server_id: sourceServerID,
    found_by: mismatch.foundBy,
    found_at: new Date(mismatch.foundAt),
    device_name: mismatch.deviceName,
    first_offset: mismatch.offset,
    different_bytes: mismatch.differentBytes,
    point_id: mismatch.pointID ?? null,
  }
}

async function prune(trx: Transaction<Schema>, sourceServerID: string) {
  const oldestKept = await trx
    .selectFrom('mismatches')
    .select('seq')
    .where('source_server_id', '=', sourceServerID)
    .orderBy('seq', 'desc')
    .offset(KEPT_MAX - 1)
    .limit(1)
    .executeTakeFirst()
  if (oldestKept === undefined) return
  await trx
    .deleteFrom('mismatches')
    .where('source_server_id', '=', sourceServerID)
    .where('seq', '<', oldestKept.seq)
    .execute()
}
