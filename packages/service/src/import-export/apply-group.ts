import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import {
  groupNamed,
  insertGroup,
  lockGroup,
  refuseArchived,
  renameGroup,
} from '../inventory/groups.ts'
import type { GroupKind, GroupRow } from '../inventory/tables.ts'
import { withTags } from './tags-of-row.ts'
import type { GroupContent } from './row-content.ts'

export interface Applied {
  readonly id: string
  readonly change?: 'created' | 'modified'
}

/**
 * Makes the application or wave what a row says of it. `waveID` is the wave that the row names
 * beside the application, which moves there.
 */
export async function applyGroup(
  trx: Transaction<Schema>,
  kind: GroupKind,
  content: GroupContent,
  { waveID, now }: { readonly waveID?: string | undefined; readonly now: Date },
): Promise<Applied> {
  const known = await findGroup(trx, kind, content)
  const group = known ?? (await insertGroup(trx, kind, { ...content, name: content.name! }, now))
  refuseArchived(group)
  const wanted = {
    name: content.name ?? group.name,
    description: content.description ?? group.description,
    tags: withTags(group.group_id, group.tags, content.tags),
    wave_id: waveID ?? group.wave_id,
  }
  const { name, description, tags, wave_id } = group
  const isSame = isDeepStrictEqual(wanted, { name, description, tags, wave_id })
  if (!isSame) {
    await renameGroup(trx, group, wanted.name)
    await trx
      .updateTable('groups')
      .set({ ...wanted, tags: JSON.stringify(wanted.tags), modified_at: now })
      .where('group_id', '=', group.group_id)
      .execute()
  }
  const id = group.group_id
  if (known === undefined) return { id, change: 'created' }
  return isSame ? { id } : { id, change: 'modified' }
}

async function findGroup(
  trx: Transaction<Schema>,
  kind: GroupKind,
  { id, name = '' }: GroupContent,
): Promise<GroupRow | undefined> {
  const known = id ?? (await groupNamed(trx, kind, name))?.group_id
  return known === undefined ? undefined : lockGroup(trx, kind, known)
}
