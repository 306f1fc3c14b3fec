import { POINT_POLICY_DEFAULT, type PointPolicy } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** The point policy of each server that has one of its own; the others have the default. */
export async function readPolicies(
  db: Kysely<Schema>,
  sourceServerIDs: readonly string[],
): Promise<ReadonlyMap<string, PointPolicy>> {
  if (sourceServerIDs.length === 0) return new Map()
  const rows = await db
    .selectFrom('point_policies')
    .selectAll()
    .where('source_server_id', 'in', sourceServerIDs)
    .execute()
  return new Map(rows.map((row) => [row.source_server_id, row.policy]))
}

/** The policy a server goes by. */
export async function readPolicy(
  db: Kysely<Schema>,
  sourceServerID: string,
): Promise<{ readonly policy: PointPolicy; readonly isDefault: boolean }> {
  const own = (await readPolicies(db, [sourceServerID])).get(sourceServerID)
  return { policy: own ?? POINT_POLICY_DEFAULT, isDefault: own === undefined }
}

/** Gives a server a policy of its own; undefined: the default, also as it may be later. */
export async function writePolicy(
  trx: Transaction<Schema>,
  sourceServerID: string,
  policy: PointPolicy | undefined,
): Promise<void> {
  await trx.deleteFrom('point_policies').where('source_server_id', '=', sourceServerID).execute()
  if (policy === undefined) return
  await trx
    .insertInto('point_policies')
    .values({ source_server_id: sourceServerID, policy: JSON.stringify(policy) })
    .execute()
}
