import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table groups (
    group_id text primary key,
    seq integer generated always as identity unique,
    kind text not null check (kind in ('application', 'wave')),
    name text not null,
    description text,
    is_archived boolean not null default false,
    tags jsonb not null,
    wave_id text references groups,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    unique (kind, name))`,
  `create index groups_wave on groups (wave_id)`,
  `create table connectors (
    connector_id text primary key,
    seq integer generated always as identity unique,
    name text not null,
    ssm_instance_id text not null,
    ssm_command_config jsonb,
    tags jsonb not null)`,
  `alter table source_servers
    add column application_id text references groups,
    add column connector_action jsonb`,
  `create index source_servers_application on source_servers (application_id)`,
  `create table actions (
    owner_id text not null,
    action_id text not null,
    seq integer generated always as identity unique,
    action_order integer not null,
    document jsonb not null,
    primary key (owner_id, action_id),
    unique (owner_id, action_order))`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
