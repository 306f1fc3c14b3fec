import { sql, type Kysely } from 'kysely'

/**
 * What lists of servers are sorted and searched by stands in the row itself: `properties` is kept
 * apart from it, and unpacking ten thousand of them takes a tenth of a second.
 */
const STATEMENTS = [
  `alter table source_servers
    add column list_name text not null generated always as (coalesce(
      nullif(properties->'identificationHints'->>'hostname', ''),
      nullif(properties->'identificationHints'->>'fqdn', ''),
      user_provided_id,
      source_server_id)) stored,
    add column search_text text not null generated always as (lower(
      source_server_id || ' ' || coalesce(user_provided_id, '') || ' ' ||
      coalesce((properties->'identificationHints')::text, '') || ' ' || tags::text)) stored`,
  `create index source_servers_list_name on source_servers (list_name, seq)`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
