import { sql, type Kysely } from 'kysely'

const STATEMENTS = [
  `create table network_settings (
    source_server_id text primary key references source_servers on delete cascade,
    test_network text not null check (test_network in ('ISOLATED', 'LIKE_CUTOVER')))`,
  // Null: of an instance that was launched before.
  `alter table instances add column network jsonb`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
