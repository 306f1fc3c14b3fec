import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { Operation, OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { readPage, type PageRequest } from '../pages.ts'
import { lockOwner, OWNERS, type Owner } from './owners.ts'
import { PREDEFINED_ORDER_MAX } from './predefined-actions.ts'
import { putAction, type GivenAction } from './put-action.ts'
import type { ActionRow } from './tables.ts'

/** The ID of the owner, under the name its kind has. */
type OwnerInput = Readonly<Record<string, unknown>>

/** Post-launch actions of source servers and of launch configuration templates. */
export function actionOperations({ db }: OperationDependencies): OperationGroup {
  return { mgn: Object.assign({}, ...OWNERS.map((owner) => operationsOf(owner, db))) }
}

function operationsOf(owner: Owner, db: Kysely<Schema>): Record<string, Operation> {
  const { words } = owner
  const locked = (trx: Transaction<Schema>, input: OwnerInput) =>
    lockOwner(trx, owner, String(input[owner.id]))
  return {
    /** Makes the action, or puts another in the place of the one with the ID. */
    async [`Put${words}Action`](input: OwnerInput & GivenAction & { readonly actionID: string }) {
      const { actionID } = input
      return await db.transaction().execute(async (trx) => {
        const ownerID = await locked(trx, input)
        return viewAction(await putAction(trx, { ownerID, actionID }, input))
      })
    },
    async [`List${words}Actions`](
      input: OwnerInput &
        PageRequest & { readonly filters?: { readonly actionIDs?: readonly string[] } },
    ) {
      const { actionIDs = [] } = input.filters ?? {}
      const ownerID = await db.transaction().execute((trx) => locked(trx, input))
      // The model knows no orders of predefined actions: `ListActions` has them.
      let query = db
        .selectFrom('actions')
        .selectAll()
        .where('owner_id', '=', ownerID)
        .where('action_order', '>', PREDEFINED_ORDER_MAX)
      if (actionIDs.length > 0) query = query.where('action_id', 'in', actionIDs)
      const page = await readPage(query, input)
      return { ...page, items: page.items.map(viewAction) }
    },
    async [`Remove${words}Action`](input: OwnerInput & { readonly actionID: string }) {
      await db.transaction().execute(async (trx) => {
        const removed = await trx
          .deleteFrom('actions')
          .where('owner_id', '=', await locked(trx, input))
          .where('action_id', '=', input.actionID)
          .returning('action_id')
          .executeTakeFirst()
        found(removed, 'Action', input.actionID)
      })
      return {}
    },
  }
}

/** A new server's actions: those of the template that are for Linux, which all servers here run. */
export async function copyActions(
  trx: Transaction<Schema>,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const rows = await trx
    .selectFrom('actions')
    .selectAll()
    .where('owner_id', '=', from)
    .orderBy('seq')
    .execute()
  for (const { action_id, action_order, document } of rows) {
    const { operatingSystem, ...rest } = document
    if (operatingSystem === 'windows') continue
    await trx
      .insertInto('actions')
      .values({ owner_id: to, action_id, action_order, document: JSON.stringify(rest) })
      .execute()
  }
}

function viewAction({ action_id: actionID, document }: ActionRow): object {
  return { actionID, ...document }
}
