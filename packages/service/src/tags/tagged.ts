import type { arnOf } from '@landfall/model'
import type { Kysely } from 'kysely'
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

const GROUPS: TaggedTable = {
  read(db, id, lock) {
    const one = db.selectFrom('groups').select('tags').where('group_id', '=', id)
    return (lock ? one.forUpdate() : one).executeTakeFirst()
  },
  write: (db, id, tags) =>
    db.updateTable('groups').set({ tags }).where('group_id', '=', id).execute(),
}

/** Where each kind of resource keeps its tags. */
export const TAGGED: Readonly<Record<Tagged['kind'], TaggedTable>> = {
  sourceServer: {
    read(db, id, lock) {
      const query = db.selectFrom('source_servers').select('tags')
      const one = query.where('source_server_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db.updateTable('source_servers').set({ tags }).where('source_server_id', '=', id).execute(),
  },
  job: {
    read(db, id, lock) {
      const one = db.selectFrom('jobs').select('tags').where('job_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db.updateTable('jobs').set({ tags }).where('job_id', '=', id).execute(),
  },
  application: GROUPS,
  wave: GROUPS,
  connector: {
    read(db, id, lock) {
      const one = db.selectFrom('connectors').select('tags').where('connector_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db.updateTable('connectors').set({ tags }).where('connector_id', '=', id).execute(),
  },
  import: {
    read(db, id, lock) {
      const one = db.selectFrom('imports').select('tags').where('import_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db.updateTable('imports').set({ tags }).where('import_id', '=', id).execute(),
  },
  export: {
    read(db, id, lock) {
      const one = db.selectFrom('exports').select('tags').where('export_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db.updateTable('exports').set({ tags }).where('export_id', '=', id).execute(),
  },
  replicationConfigurationTemplate: {
    read(db, id, lock) {
      const query = db.selectFrom('replication_templates').select('tags')
      const one = query.where('template_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db.updateTable('replication_templates').set({ tags }).where('template_id', '=', id).execute(),
  },
  launchConfigurationTemplate: {
    read(db, id, lock) {
      const query = db.selectFrom('launch_configuration_templates').select('tags')
      const one = query.where('template_id', '=', id)
      return (lock ? one.forUpdate() : one).executeTakeFirst()
    },
    write: (db, id, tags) =>
      db
        .updateTable('launch_configuration_templates')
        .set({ tags })
        .where('template_id', '=', id)
        .execute(),
  },
}

/** The resource's tags; with `lock`, nobody else changes them before the transaction ends. */
export function taggedRow(
  db: Kysely<Schema>,
  { kind, id }: Tagged,
  { lock }: { readonly lock: boolean },
): Promise<TaggedRow | undefined> {
  return TAGGED[kind].read(db, id, lock)
}
