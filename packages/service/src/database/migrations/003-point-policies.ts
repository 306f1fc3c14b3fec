import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `alter table points
    drop constraint points_state_check,
    add constraint points_state_check
      check (state in ('REQUESTED', 'AVAILABLE', 'DELETING', 'FAILED')),
    add column reason text check (reason in ('SCHEDULED', 'ON_DEMAND', 'LAUNCH')),
    add column delete_not_before timestamptz`,
  `create table point_policies (
    source_server_id text primary key references source_servers on delete cascade,
    policy jsonb not null)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
