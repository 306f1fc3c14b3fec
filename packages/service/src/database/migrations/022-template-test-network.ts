import { sql, type Kysely } from 'kysely'

/** Null: the default, as for a server of which nobody said anything. */
const STATEMENT = `alter table launch_configuration_templates add column test_network text
  check (test_network in ('ISOLATED', 'LIKE_CUTOVER'))`

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(STATEMENT).execute(db)
}
