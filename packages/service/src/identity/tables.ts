import type { ColumnType, Generated } from 'kysely'

/** The account this service serves: one row. */
export interface AccountsTable {
  account_id: string
  region: string
  created_at: ColumnType<Date, Date, never>
  /** When InitializeService was first called; null until then. */
  initialized_at: Date | null
}

export interface UsersTable {
  /** AWS's own form: `AIDA` and 17 characters. */
  user_id: string
  user_name: string
  path: string
  created_at: ColumnType<Date, Date, never>
}

export interface AccessKeysTable {
  access_key_id: string
  user_id: string
  /** AES-256-GCM under the master key: nonce, ciphertext, tag. */
  encrypted_secret: Buffer
  status: Generated<'Active' | 'Inactive'>
  created_at: ColumnType<Date, Date, never>
}

export interface UserPoliciesTable {
  user_id: string
  policy_arn: string
  attached_at: ColumnType<Date, Date, never>
}

export interface IdentityTables {
  accounts: AccountsTable
  users: UsersTable
  access_keys: AccessKeysTable
  user_policies: UserPoliciesTable
}
