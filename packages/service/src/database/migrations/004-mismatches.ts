import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `alter table source_servers
    add column scrub_bytes_per_second bigint,
    add column mismatches_found bigint not null default 0,
    add column mismatched_bytes bigint not null default 0`,
  `create table mismatches (
    mismatch_id text primary key,
    seq integer generated always as identity unique,
    source_server_id text not null references source_servers on delete cascade,
    found_by text not null,
    found_at timestamptz not null,
    device_name text not null,
    first_offset bigint not null,
    different_bytes bigint not null,
    point_id text)`,
  `create index mismatches_server on mismatches (source_server_id, seq)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
