import type { GuestFacts } from '@landfall/guest'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { GuestFactsRow } from './tables.ts'

export type SeenFacts = { readonly lookedAt: Date } & (
  | { readonly facts: GuestFacts }
  | { readonly error: string }
)

/** Keeps what the agent saw on the running server, instead of what it saw before. */
export async function keepLiveFacts(
  db: Kysely<Schema>,
  sourceServerID: string,
  seen: SeenFacts,
): Promise<void> {
  await keep(db, { source_server_id: sourceServerID, source: 'LIVE', point_id: null }, seen)
}

/** Keeps what was seen on a point, or why nothing was, instead of what was on an earlier one. */
export async function keepPointFacts(
  db: Kysely<Schema>,
  point: { readonly sourceServerID: string; readonly pointID: string },
  seen: SeenFacts,
): Promise<void> {
  const { sourceServerID, pointID } = point
  await keep(db, { source_server_id: sourceServerID, source: 'POINT', point_id: pointID }, seen)
}

async function keep(
  db: Kysely<Schema>,
  key: Pick<GuestFactsRow, 'source_server_id' | 'source' | 'point_id'>,
  seen: SeenFacts,
): Promise<void> {
  const values = {
    point_id: key.point_id,
    looked_at: seen.lookedAt,
    facts: 'facts' in seen ? JSON.stringify(seen.facts) : null,
    error: 'error' in seen ? seen.error : null,
  }
  await db
    .insertInto('guest_facts')
    .values({ ...key, ...values })
    .onConflict((conflict) => conflict.columns(['source_server_id', 'source']).doUpdateSet(values))
    .execute()
}
