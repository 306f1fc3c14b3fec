import { LandfallError, newId } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { found } from '../not-found.ts'
import type { GroupKind, GroupRow } from './tables.ts'

/** The words of each kind, as the API has them. */
export const GROUP_WORDS = {
  application: { type: 'Application', id: 'applicationID', members: 'source servers' },
  wave: { type: 'Wave', id: 'waveID', members: 'applications' },
} as const satisfies Record<GroupKind, object>

export interface NewGroup {
  readonly name: string
  readonly description?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** A new group; `conflict` when the name is taken. */
export async function insertGroup(
  trx: Transaction<Schema>,
  kind: GroupKind,
  { name, description, tags = {} }: NewGroup,
  now: Date,
): Promise<GroupRow> {
  const row = await trx
    .insertInto('groups')
    .values({
      group_id: newId(kind),
      kind,
      name,
      description: description ?? null,
      tags: JSON.stringify(tags),
      created_at: now,
      modified_at: now,
    })
    .onConflict((conflict) => conflict.columns(['kind', 'name']).doNothing())
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw await nameTaken(trx, kind, name)
  return row
}

/** The group, which nobody else changes before the transaction ends; `not_found` without one. */
export async function lockGroup(
  trx: Transaction<Schema>,
  kind: GroupKind,
  id: string,
): Promise<GroupRow> {
  const row = await trx
    .selectFrom('groups')
    .selectAll()
    .where('group_id', '=', id)
    .where('kind', '=', kind)
    .forUpdate()
    .executeTakeFirst()
  return found(row, GROUP_WORDS[kind].type, id)
}

/** `conflict` when another group of the kind has the name. */
export async function renameGroup(trx: Transaction<Schema>, group: GroupRow, name: string) {
  const { kind, group_id: id } = group
  const other = await groupNamed(trx, kind, name)
  if (other !== undefined && other.group_id !== id) throw await nameTaken(trx, kind, name)
  await trx.updateTable('groups').set({ name }).where('group_id', '=', id).execute()
}

export function groupNamed(
  db: Kysely<Schema>,
  kind: GroupKind,
  name: string,
): Promise<GroupRow | undefined> {
  return db
    .selectFrom('groups')
    .selectAll()
    .where('kind', '=', kind)
    .where('name', '=', name)
    .executeTakeFirst()
}

async function nameTaken(trx: Kysely<Schema>, kind: GroupKind, name: string) {
  const { type } = GROUP_WORDS[kind]
  const other = await groupNamed(trx, kind, name)
  const resourceId = other?.group_id ?? name
  return new LandfallError('conflict', `${type} ${resourceId} has the name ${name} already`, {
    resource: { resourceId, resourceType: type },
  })
}

/** A `conflict` about a group, which `what` goes on about. */
export function groupConflict(group: GroupRow, what: string): LandfallError {
  const { type } = GROUP_WORDS[group.kind]
  return new LandfallError('conflict', `${type} ${group.group_id} (${group.name}) ${what}`, {
    resource: { resourceId: group.group_id, resourceType: type },
  })
}

/** Archived groups are kept to be looked at. */
export function refuseArchived(group: GroupRow): void {
  if (group.is_archived) throw groupConflict(group, 'is archived; unarchive it first')
}
