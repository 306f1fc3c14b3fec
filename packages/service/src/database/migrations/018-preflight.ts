import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table guest_facts (
    source_server_id text not null references source_servers on delete cascade,
    source text not null,
    looked_at timestamptz not null,
    point_id text,
    facts jsonb,
    error text,
    primary key (source_server_id, source))`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
