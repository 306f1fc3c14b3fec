import { sql, type Kysely } from 'kysely'

const CONFIGURATIONS = [
  `create table replication_templates (
    template_id text primary key,
    seq integer generated always as identity unique,
    settings jsonb not null,
    tags jsonb not null,
    created_at timestamptz not null)`,
  `create table launch_configuration_templates (
    template_id text primary key,
    seq integer generated always as identity unique,
    settings jsonb not null,
    tags jsonb not null,
    launch_template_id text not null,
    created_at timestamptz not null)`,
  `create table launch_templates (
    launch_template_id text primary key,
    source_server_id text unique,
    instance_type text not null)`,
]

const SOURCE_SERVERS = [
  `create table source_servers (
    source_server_id text primary key,
    seq integer generated always as identity unique,
    machine_identity text not null unique,
    registered_by text not null,
    state text not null,
    is_archived boolean not null default false,
    user_provided_id text,
    tags jsonb not null,
    agent_version text not null,
    properties jsonb not null,
    properties_updated_at timestamptz not null,
    added_at timestamptz not null,
    last_seen_at timestamptz,
    first_byte_at timestamptz,
    last_test jsonb not null,
    last_cutover jsonb not null,
    desired text not null,
    initiation jsonb not null,
    staging_error jsonb,
    report jsonb,
    reported_at timestamptz,
    replicated_ms bigint not null default 0,
    replicating_since timestamptz,
    replicator_id text,
    replication_configuration jsonb not null,
    launch_configuration jsonb not null,
    instance_id text)`,
  `create table points (
    point_id text primary key,
    seq integer generated always as identity unique,
    source_server_id text not null,
    state text not null check (state in ('REQUESTED', 'AVAILABLE', 'FAILED')),
    requested_at timestamptz not null,
    error text,
    taken_at timestamptz,
    description jsonb,
    disks jsonb not null,
    verified_at timestamptz)`,
  `create index points_source_server on points (source_server_id, seq)`,
  `create table pins (
    pin_id text primary key,
    source_server_id text not null,
    point_id text not null)`,
]

const CHANNEL = [
  `create table agent_commands (
    command_id text primary key,
    seq integer generated always as identity unique,
    key text not null unique,
    source_server_id text not null,
    command jsonb not null,
    created_at timestamptz not null,
    delivered_at timestamptz,
    finished_at timestamptz,
    outcome jsonb)`,
  `create index agent_commands_open on agent_commands (source_server_id, seq)
    where finished_at is null`,
  `create table staging_commands (
    command_id text primary key,
    seq integer generated always as identity unique,
    key text not null unique,
    command jsonb not null,
    not_before timestamptz not null,
    replication_server_id text,
    created_at timestamptz not null,
    delivered_at timestamptz,
    finished_at timestamptz,
    outcome jsonb)`,
  `create index staging_commands_open on staging_commands (seq) where finished_at is null`,
  `create table replication_servers (
    replication_server_id text primary key,
    last_seen_at timestamptz not null)`,
]

const JOBS = [
  `create table jobs (
    job_id text primary key,
    seq integer generated always as identity unique,
    kind text not null,
    initiated_by text,
    status text not null check (status in ('PENDING', 'STARTED', 'COMPLETED')),
    created_at timestamptz not null,
    ended_at timestamptz,
    tags jsonb not null)`,
  `create index jobs_open on jobs (seq) where status <> 'COMPLETED'`,
  `create table job_servers (
    job_id text not null references jobs on delete cascade,
    source_server_id text not null,
    launch_status text not null,
    instance_id text,
    primary key (job_id, source_server_id))`,
  `create index job_servers_server on job_servers (source_server_id)`,
  `create table job_steps (
    job_id text not null references jobs on delete cascade,
    source_server_id text not null,
    step text not null,
    attempt integer not null,
    started_at timestamptz not null,
    plan jsonb not null,
    data jsonb not null,
    ended_at timestamptz,
    succeeded boolean,
    result jsonb,
    error text,
    primary key (job_id, source_server_id, step, attempt))`,
  `create table job_log (
    job_id text not null references jobs on delete cascade,
    seq integer generated always as identity unique,
    source_server_id text not null,
    event text not null,
    attempt integer not null,
    logged_at timestamptz not null,
    data jsonb not null,
    unique (job_id, source_server_id, event, attempt))`,
  `create table instances (
    instance_id text primary key,
    source_server_id text not null,
    job_id text not null,
    purpose text not null,
    state text not null check (state in ('PENDING', 'RUNNING', 'STOPPED', 'TERMINATED')),
    first_boot text not null,
    hostname text,
    disks jsonb not null,
    created_at timestamptz not null,
    independent_at timestamptz,
    unique (job_id, source_server_id))`,
  `create index instances_server on instances (source_server_id)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...CONFIGURATIONS, ...SOURCE_SERVERS, ...CHANNEL, ...JOBS]) {
    await sql.raw(statement).execute(db)
  }
}
