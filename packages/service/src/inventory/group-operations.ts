import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, Operation, OperationGroup } from '../http/operation.ts'
import { readPage, type Page, type PageRequest } from '../pages.ts'
import { readAggregatedStatuses } from './aggregated-status.ts'
import { viewGroup } from './group-views.ts'
import {
  GROUP_WORDS,
  groupConflict,
  insertGroup,
  lockGroup,
  refuseArchived,
  renameGroup,
  type NewGroup,
} from './groups.ts'
import type { GroupKind, GroupRow } from './tables.ts'

/** The ID of an application or a wave, under the name its kind has. */
type IdInput = Readonly<Record<string, unknown>>

interface Filters {
  readonly applicationIDs?: readonly string[]
  readonly waveIDs?: readonly string[]
  readonly isArchived?: boolean
}

type ListInput = PageRequest & { readonly filters?: Filters }

type Change = (trx: Transaction<Schema>, group: GroupRow, now: Date) => Promise<unknown>

/** Applications and waves: one story for both kinds of group. */
export function groupOperations(dependencies: OperationDependencies): OperationGroup {
  return {
    mgn: {
      ...operationsOf('application', dependencies),
      ...operationsOf('wave', dependencies),
    },
  }
}

function operationsOf(
  kind: GroupKind,
  { db, timing }: OperationDependencies,
): Record<string, Operation> {
  const { type, id } = GROUP_WORDS[kind]

  async function view(groups: readonly GroupRow[], context: CallContext): Promise<object[]> {
    const now = context.now()
    const statuses = await readAggregatedStatuses(db, groups, { now, timing })
    return groups.flatMap((group) => {
      const status = statuses.get(group.group_id)
      return status === undefined ? [] : viewGroup(group, status, { account: context, now })
    })
  }

  async function viewOne(group: GroupRow, context: CallContext): Promise<object> {
    const [shown] = await view([group], context)
    return shown ?? {}
  }

  /** An operation that locks one group, changes it and answers with what it is then. */
  const changing =
    (change: Change): Operation =>
    async (input: IdInput, context) => {
      const now = context.now()
      const group = await db.transaction().execute(async (trx) => {
        const before = await lockGroup(trx, kind, String(input[id]))
        await change(trx, before, now)
        return trx
          .updateTable('groups')
          .set({ modified_at: now })
          .where('group_id', '=', before.group_id)
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      return viewOne(group, context)
    }

  return {
    async [`Create${type}`](input: NewGroup, context: CallContext) {
      const insert = (trx: Transaction<Schema>) => insertGroup(trx, kind, input, context.now())
      return viewOne(await db.transaction().execute(insert), context)
    },
    async [`List${type}s`](input: ListInput, context: CallContext) {
      const page = await listGroups(db, kind, input)
      return { ...page, items: await view(page.items, context) }
    },
    async [`Update${type}`](input: IdInput & Partial<NewGroup>, context: CallContext) {
      return changing(async (trx, group) => {
        refuseArchived(group)
        if (input.name !== undefined) await renameGroup(trx, group, input.name)
        if (input.description === undefined) return
        await setGroup(trx, group, { description: input.description })
      })(input as never, context)
    },
    async [`Delete${type}`](input: IdInput) {
      await db.transaction().execute(async (trx) => {
        const group = await lockGroup(trx, kind, String(input[id]))
        const count = await countMembers(trx, group, { onlyActive: false })
        if (count > 0) throw stillHas(group, count, '; disassociate them first')
        await trx.deleteFrom('groups').where('group_id', '=', group.group_id).execute()
      })
      return {}
    },
    [`Archive${type}`]: changing(async (trx, group) => {
      const count = await countMembers(trx, group, { onlyActive: true })
      const remedy = ' that are not archived; archive or disassociate them first'
      if (count > 0) throw stillHas(group, count, remedy)
      await setGroup(trx, group, { is_archived: true })
    }),
    [`Unarchive${type}`]: changing((trx, group) => setGroup(trx, group, { is_archived: false })),
  }
}

async function listGroups(
  db: Kysely<Schema>,
  kind: GroupKind,
  input: ListInput,
): Promise<Page<GroupRow>> {
  const { applicationIDs = [], waveIDs = [], isArchived } = input.filters ?? {}
  const ids = kind === 'application' ? applicationIDs : waveIDs
  let query = db.selectFrom('groups').selectAll().where('kind', '=', kind)
  if (ids.length > 0) query = query.where('group_id', 'in', ids)
  if (kind === 'application' && waveIDs.length > 0) query = query.where('wave_id', 'in', waveIDs)
  if (isArchived !== undefined) query = query.where('is_archived', '=', isArchived)
  return readPage(query, input)
}

function setGroup(
  trx: Transaction<Schema>,
  group: GroupRow,
  change: { readonly description?: string; readonly is_archived?: boolean },
) {
  return trx.updateTable('groups').set(change).where('group_id', '=', group.group_id).execute()
}

function stillHas(group: GroupRow, count: number, remedy: string) {
  const { members } = GROUP_WORDS[group.kind]
  return groupConflict(group, `still has ${count} ${members}${remedy}`)
}

/** Its source servers, or its applications: all, or those that are not archived. */
async function countMembers(
  trx: Transaction<Schema>,
  group: GroupRow,
  { onlyActive }: { readonly onlyActive: boolean },
): Promise<number> {
  const { kind, group_id: id } = group
  const all =
    kind === 'application'
      ? trx.selectFrom('source_servers').select('is_archived').where('application_id', '=', id)
      : trx.selectFrom('groups').select('is_archived').where('wave_id', '=', id)
  const members = await all.execute()
  return members.filter((member) => !onlyActive || !member.is_archived).length
}
