import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { lockOwner, ofOwner, ownerOf } from './owners.ts'
import { purposesOf } from './planned-actions.ts'
import { putAction } from './put-action.ts'

const changed = ofOwner.extend({
  actionID: z.string().max(64),
  active: z.boolean().exactOptional(),
  mustSucceedForCutover: z.boolean().exactOptional(),
})

/** All the actions of an owner, the predefined ones too, of which MGN's API knows nothing. */
export function ownActionOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      /** In their order; of a server also after which launches they run. */
      ListActions: validated(ofOwner, async (input) => {
        const { owner, ownerID } = ownerOf(input)
        await db.transaction().execute((trx) => lockOwner(trx, owner, ownerID))
        const rows = await db
          .selectFrom('actions')
          .selectAll()
          .where('owner_id', '=', ownerID)
          .orderBy('action_order')
          .execute()
        const items = rows.map(({ action_id: actionID, document }) => ({ actionID, ...document }))
        if (owner.words === 'Template') return { items }
        const { launch_configuration: configuration } = await readServer(db, ownerID)
        return { items, purposes: purposesOf(configuration.postLaunchActions) }
      }),

      /** Changes what is given of an action, and nothing else. */
      UpdateAction: validated(changed, async ({ actionID, ...input }) =>
        db.transaction().execute(async (trx) => {
          const { owner, ownerID } = ownerOf(input)
          await lockOwner(trx, owner, ownerID)
          const row = await trx
            .selectFrom('actions')
            .select('document')
            .where('owner_id', '=', ownerID)
            .where('action_id', '=', actionID)
            .executeTakeFirst()
          const { document } = found(row, 'Action', actionID)
          const { active = document.active } = input
          const { mustSucceedForCutover = document.mustSucceedForCutover } = input
          const given = { ...document, active, mustSucceedForCutover }
          return { actionID, ...(await putAction(trx, { ownerID, actionID }, given)).document }
        }),
      ),
    },
  }
}
