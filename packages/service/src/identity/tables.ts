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
  /** To the minute. */
  last_used_at: Date | null
  /** The signing name of the service it was used for. */
  last_used_service: string | null
  last_used_region: string | null
}

export interface UserPoliciesTable {
  user_id: string
  policy_arn: string
  attached_at: ColumnType<Date, Date, never>
}

/** Policies that customers made; each has one version, the first. */
export interface PoliciesTable {
  /** AWS's own form: `ANPA` and 17 characters. */
  policy_id: string
  policy_arn: string
  policy_name: string
  path: string
  description: string | null
  /** As it was given. */
  document: string
  created_at: ColumnType<Date, Date, never>
}

export interface InlinePoliciesTable {
  user_id: string
  policy_name: string
  document: string
}

/** Of the users who sign in with one. */
export interface UserPasswordsTable {
  user_id: string
  /** As `passwords.ts` writes it. */
  hash: string
  changed_at: Date
}

export interface IdentityTables {
  accounts: AccountsTable
  users: UsersTable
  access_keys: AccessKeysTable
  user_policies: UserPoliciesTable
  policies: PoliciesTable
  inline_policies: InlinePoliciesTable
  user_passwords: UserPasswordsTable
}
