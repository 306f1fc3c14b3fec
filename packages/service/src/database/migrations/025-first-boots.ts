import { sql, type Kysely } from 'kysely'

/** When an instance told that it had booted; not known of those of before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table instances add column first_booted_at timestamptz').execute(db)
}
