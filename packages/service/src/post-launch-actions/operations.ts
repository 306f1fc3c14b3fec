import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { Operation, OperationGroup } from '../http/operation.ts'
import { found, type ResourceType } from '../not-found.ts'
import { readPage, type PageRequest } from '../pages.ts'
import { putAction, type GivenAction } from './put-action.ts'
import type { ActionRow } from './tables.ts'

/** The ID of the owner, under the name its kind has. */
type OwnerInput = Readonly<Record<string, unknown>>

interface Owner {
  readonly words: 'SourceServer' | 'Template'
  readonly id: 'sourceServerID' | 'launchConfigurationTemplateID'
  readonly type: ResourceType
  /** Locks the owner, so that its actions change one after the other. */
  readonly lock: (trx: Transaction<Schema>, id: string) => Promise<unknown>
}

const OWNERS: readonly Owner[] = [
  {
    words: 'SourceServer',
    id: 'sourceServerID',
    type: 'SourceServer',
    lock: (trx, id) =>
      trx
        .selectFrom('source_servers')
        .select('source_server_id')
        .where('source_server_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
  },
  {
    words: 'Template',
    id: 'launchConfigurationTemplateID',
    type: 'LaunchConfigurationTemplate',
    lock: (trx, id) =>
      trx
        .selectFrom('launch_configuration_templates')
        .select('template_id')
        .where('template_id', '=', id)
        .forUpdate()
        .executeTakeFirst(),
  },
]

/** Post-launch actions of source servers and of launch configuration templates. */
export function actionOperations({ db }: OperationDependencies): OperationGroup {
  return { mgn: Object.assign({}, ...OWNERS.map((owner) => operationsOf(owner, db))) }
}

function operationsOf(owner: Owner, db: Kysely<Schema>): Record<string, Operation> {
  const { words } = owner
  const locked = async (trx: Transaction<Schema>, input: OwnerInput) => {
    const ownerID = String(input[owner.id])
    found(await owner.lock(trx, ownerID), owner.type, ownerID)
    return ownerID
  }
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
      let query = db.selectFrom('actions').selectAll().where('owner_id', '=', ownerID)
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
