import { sql, type Kysely } from 'kysely'

const TASK = `
    seq integer generated always as identity unique,
    bucket text not null,
    key text not null,
    bucket_owner text,
    status text not null check (status in ('PENDING', 'STARTED', 'SUCCEEDED', 'FAILED')),
    tags jsonb not null,
    created_at timestamptz not null,
    ended_at timestamptz`

const STATEMENTS = [
  `create table imports (
    import_id text primary key,
    client_token text unique,
    created_by text not null,
    rows_total integer,
    rows_done integer not null default 0,
    row_cursor integer not null default 0,${TASK})`,
  `create table import_rows (
    import_id text not null references imports,
    row_number integer not null,
    cells jsonb not null,
    server text,
    application text,
    wave text,
    primary key (import_id, row_number))`,
  `create table import_errors (
    seq integer generated always as identity unique,
    import_id text not null references imports,
    at timestamptz not null,
    error_type text not null,
    row_number integer,
    raw_error text not null)`,
  `create index import_errors_import on import_errors (import_id, seq)`,
  `create table import_changes (
    import_id text not null references imports,
    resource_id text not null,
    kind text not null,
    change text not null,
    primary key (import_id, resource_id))`,
  `create table exports (
    export_id text primary key,
    servers integer not null default 0,
    applications integer not null default 0,
    waves integer not null default 0,
    servers_total integer,
    error text,${TASK})`,
  `create table bucket_stores (
    account_id text primary key,
    endpoint text not null,
    region text not null,
    access_key_id text not null,
    sealed_secret bytea not null)`,
  // An imported server has neither before its agent is installed.
  `alter table source_servers
    alter column machine_identity drop not null,
    alter column agent_version drop not null,
    add column fqdn_for_action_framework text`,
  `create index source_servers_user_provided_id on source_servers (user_provided_id)`,
  // What the quotas count.
  `create index source_servers_counted on source_servers (is_archived, desired)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
