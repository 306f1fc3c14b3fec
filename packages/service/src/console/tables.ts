import type { ColumnType } from 'kysely'

export interface ConsoleTables {
  /** Who is signed in to the console. */
  console_sessions: {
    /** SHA-256 of the token: whoever reads the table cannot use it. */
    token_hash: Buffer
    user_id: string
    /** The key that was signed in with; null: a password was. */
    access_key_id: string | null
    created_at: ColumnType<Date, Date, never>
    /** To the minute. */
    last_used_at: Date
  }
}
