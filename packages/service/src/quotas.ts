import { LandfallError } from '@landfall/model'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Schema } from './database/schema.ts'

/** How many source servers an account may have. */
export interface Quotas {
  /** To which data is replicated, or would be if nothing stalled. */
  readonly replicatingServers: number
  readonly serversNotArchived: number
  /** Archived ones included, deleted ones not. */
  readonly servers: number
}

/** MGN's, which AWS raises on request; here the configuration does. */
export const QUOTAS: Quotas = {
  replicatingServers: 150,
  serversNotArchived: 4000,
  servers: 50_000,
}

/** Keeps this lock apart from any others in the database. */
const QUOTA_LOCK = 1_500_003

/** How many more servers that are not archived there may be. Counts them all. */
export async function countServersLeft(db: Kysely<Schema>, quotas: Quotas): Promise<number> {
  const { all, kept } = await countServers(db)
  return Math.min(quotas.servers - all, quotas.serversNotArchived - kept)
}

/**
 * `quota_exceeded` when the transaction has made more servers, or more that replicate, than an
 * account may have. To be called last, as others wait until the transaction ends.
 */
export async function requireQuotas(trx: Transaction<Schema>, quotas: Quotas) {
  // Two at once must not both take the last place.
  await sql`select pg_advisory_xact_lock(${QUOTA_LOCK})`.execute(trx)
  const { all, kept, replicating } = await countServers(trx)
  check(quotas, 'replicatingServers', replicating, 'source servers that replicate')
  check(quotas, 'serversNotArchived', kept, 'source servers that are not archived')
  check(quotas, 'servers', all, 'source servers, archived ones included')
}

async function countServers(db: Kysely<Schema>) {
  return db
    .selectFrom('source_servers')
    .select(({ fn }) => [
      fn.countAll<number>().as('all'),
      fn.countAll<number>().filterWhere('is_archived', '=', false).as('kept'),
      fn
        .countAll<number>()
        .filterWhere('desired', 'in', ['REPLICATING', 'PAUSED'])
        .as('replicating'),
    ])
    .executeTakeFirstOrThrow()
}

function check(quotas: Quotas, quota: keyof Quotas, count: number, what: string) {
  const value = quotas[quota]
  if (count <= value) return
  throw new LandfallError(
    'quota_exceeded',
    `The quota of ${what} is ${value}: disconnect and archive, or delete, those that are done, or ` +
      `raise quotas.${quota} in the service's config.json and start it again`,
    { quota: { code: quota, value } },
  )
}
