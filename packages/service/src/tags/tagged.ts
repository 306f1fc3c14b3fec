import type { arnOf } from '@landfall/model'
import { sql, type Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** A resource that has tags. */
export interface Tagged {
  readonly kind: Parameters<typeof arnOf>[0]
  readonly id: string
}

type TaggedRow = { readonly tags: Readonly<Record<string, string>> }

interface TaggedTable {
  read(db: Kysely<Schema>, id: string, lock: boolean): Promise<TaggedRow | undefined>
  write(db: Kysely<Schema>, id: string, tags: string): Promise<unknown>
}

/** By a table, and its column of IDs. */
function taggedTable(table: keyof Schema, column: string): TaggedTable {
  const place = sql`${sql.table(table)}`
  const isIt = (id: string) => sql`${sql.ref(column)} = ${id}`
  return {
    async read(db, id, lock) {
      const locking = lock ? sql`for update` : sql``
      const { rows } = await sql<TaggedRow>`
        select tags from ${place} where ${isIt(id)} ${locking}`.execute(db)
      return rows[0]
    },
    write: (db, id, tags) => sql`update ${place} set tags = ${tags} where ${isIt(id)}`.execute(db),
  }
}

const GROUPS = taggedTable('groups', 'group_id')

/** Where each kind of resource keeps its tags. */
export const TAGGED: Readonly<Record<Tagged['kind'], TaggedTable>> = {
  sourceServer: taggedTable('source_servers', 'source_server_id'),
  job: taggedTable('jobs', 'job_id'),
  application: GROUPS,
  wave: GROUPS,
  connector: taggedTable('connectors', 'connector_id'),
  import: taggedTable('imports', 'import_id'),
  export: taggedTable('exports', 'export_id'),
  replicationConfigurationTemplate: taggedTable('replication_templates', 'template_id'),
  launchConfigurationTemplate: taggedTable('launch_configuration_templates', 'template_id'),
}

/** The resource's tags; with `lock`, nobody else changes them before the transaction ends. */
export function taggedRow(
  db: Kysely<Schema>,
  { kind, id }: Tagged,
  { lock }: { readonly lock: boolean },
): Promise<TaggedRow | undefined> {
  return TAGGED[kind].read(db, id, lock)
}
