import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table user_passwords (
    user_id text primary key references users on delete cascade,
    hash text not null,
    changed_at timestamptz not null)`,
  `create table console_sessions (
    token_hash bytea primary key,
    user_id text not null references users on delete cascade,
    access_key_id text references access_keys on delete cascade,
    created_at timestamptz not null,
    last_used_at timestamptz not null)`,
  `create index on console_sessions (user_id)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
