import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema.ts'

export { migrate } from './migrate.ts'

export type Database = Kysely<Schema>

/** Connections to PostgreSQL: API calls are short, and jobs bring connections of their own. */
const CONNECTIONS_MAX = 10

/** PostgreSQL's type number of bigint, which `pg` gives as text unless told otherwise. */
const INT8_OID = 20

/**
 * Opens the database. Connections are made when they are needed, so a server that is not there
 * shows at the first query. bigint columns come as numbers (bytes, safe to 8 PiB), timestamptz as
 * Date, jsonb parsed. Close with `destroy()`, or `await using`.
 */
export function openDatabase(options: { connectionString: string }): Database {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: CONNECTIONS_MAX,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  })
  // An idle connection that breaks (the server was restarted) is replaced at the next query;
  // without a listener the event would end the process.
  pool.on('error', () => {})
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}

function parserOf(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === INT8_OID && format !== 'binary') return Number
  return pg.types.getTypeParser(oid, format as 'text')
}
