import { LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'

export interface Account {
  readonly accountID: string
  readonly region: string
}

/**
 * Records the account on the first start. Afterwards account and region are fixed, because ARNs
 * that were given out carry them: a configuration that says otherwise is refused.
 */
export async function ensureAccount(db: Database, account: Account, now: Date): Promise<void> {
  await db
    .insertInto('accounts')
    .values({
      account_id: account.accountID,
      region: account.region,
      created_at: now,
      initialized_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const rows = await db.selectFrom('accounts').selectAll().execute()
  const other = rows.find(
    (row) => row.account_id !== account.accountID || row.region !== account.region,
  )
  if (other === undefined) return
  throw new LandfallError(
    'conflict',
    `The database belongs to account ${other.account_id} in ${other.region}, the configuration says ` +
      `${account.accountID} in ${account.region}. Put the configuration back as it was.`,
  )
}

/** Throws `uninitialized_account` until InitializeService was called. */
export async function requireInitialized(db: Database): Promise<void> {
  const row = await db.selectFrom('accounts').select('initialized_at').executeTakeFirst()
  if (row?.initialized_at) return
  throw new LandfallError(
    'uninitialized_account',
    'The account is not initialized. Call InitializeService first (aws mgn initialize-service).',
  )
}
