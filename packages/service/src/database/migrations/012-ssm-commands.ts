import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table ssm_instances (
    instance_id text primary key references instances,
    seq integer generated always as identity unique,
    registered_at timestamptz not null,
    last_ping_at timestamptz not null,
    facts jsonb not null)`,
  `create table ssm_commands (
    command_id text primary key,
    seq integer generated always as identity unique,
    document_name text not null,
    document_version text not null,
    comment text,
    sealed_parameters bytea not null,
    sealed_steps bytea not null,
    step_names jsonb not null,
    instance_ids jsonb not null,
    targets jsonb not null,
    timeout_seconds integer not null,
    max_concurrency text not null,
    max_errors text not null,
    requested_at timestamptz not null,
    deliver_by timestamptz not null,
    expires_at timestamptz not null)`,
  `create index ssm_commands_requested on ssm_commands (requested_at)`,
  `create table ssm_invocations (
    command_id text not null references ssm_commands on delete cascade,
    instance_id text not null,
    seq integer generated always as identity unique,
    instance_name text,
    status text not null,
    status_details text not null,
    started_at timestamptz,
    ended_at timestamptz,
    trace text,
    steps jsonb not null,
    primary key (command_id, instance_id))`,
  `create index ssm_invocations_open on ssm_invocations (instance_id) where ended_at is null`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
