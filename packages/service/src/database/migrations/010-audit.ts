import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table audit_events (
    seq bigint generated always as identity primary key,
    request_id text not null,
    at timestamptz not null,
    caller text not null,
    address text not null,
    user_agent text,
    action text not null,
    input jsonb not null,
    result text,
    message text)`,
  `create index audit_events_action on audit_events (action, seq)`,
  `create index audit_events_at on audit_events (at)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
