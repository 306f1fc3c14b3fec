import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table rehearsal_settings (
    source_server_id text primary key references source_servers on delete cascade,
    every_hours integer not null
  )`,
  `create table rehearsals (
    job_id text primary key,
    source_server_id text not null references source_servers on delete cascade,
    seq bigint generated always as identity,
    started_at timestamptz not null,
    ended_at timestamptz,
    verdict text,
    detail text,
    instance_id text,
    point_id text,
    point_taken_at timestamptz,
    booted_seconds double precision
  )`,
  `create index rehearsals_server on rehearsals (source_server_id, seq)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
