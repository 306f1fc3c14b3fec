import { sql, type Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** The columns that an insert gives: all that are not generated from others. */
export async function givenColumns(db: Kysely<Schema>, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
      where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER'`.execute(
    db,
  )
  return rows.map(({ name }) => name)
}
