import { sql, type Kysely } from 'kysely'

/** What is looked for, or written, all the time shall cost what is found, not what is kept. */
const STATEMENTS = [
  // Most points are available; the schedule looks for the others.
  `create index points_unsettled on points (state, requested_at) where state <> 'AVAILABLE'`,
  // A page of the servers in a state, when few or none are.
  `create index source_servers_state on source_servers (state, seq)`,
  `create index source_servers_archived on source_servers (seq) where is_archived`,
  // The commands of one server by the beginning of their keys.
  `create index staging_commands_key on staging_commands (key text_pattern_ops)
    where finished_at is null`,
  // Half of a page is left for what reports make of its rows: then no index is written for them.
  `alter table source_servers set (fillfactor = 50)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
