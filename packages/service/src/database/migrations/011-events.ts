import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table events (
    seq bigint generated always as identity primary key,
    event_id text not null unique,
    at timestamptz not null,
    detail_type text not null,
    source_server_id text not null,
    detail jsonb not null,
    logged_at timestamptz,
    settled_at timestamptz,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    error text)`,
  `create index events_unlogged on events (seq) where logged_at is null`,
  `create index events_unsettled on events (seq) where settled_at is null`,
  `create table webhooks (
    account_id text primary key,
    url text not null,
    sealed_secret bytea not null)`,
  `alter table source_servers
    add column is_stalled boolean not null default false,
    add column was_ready boolean not null default false`,
  `update source_servers set was_ready = true where state <> 'NOT_READY'`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
