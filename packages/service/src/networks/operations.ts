import type { Kysely } from 'kysely'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { lockOwner, ofOwner, ownerOf, type Owner } from '../post-launch-actions/owners.ts'
import { readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { networkPlanFor } from './network-plans.ts'
import { TEST_NETWORKS } from './tables.ts'
import { chooseTestNetwork, readTemplatesTestNetwork, readTestNetwork } from './test-networks.ts'

/** Null: the default again, also as it may be later. */
const update = ofOwner.extend({ testNetwork: z.enum(TEST_NETWORKS).nullable() })

const ofLaunch = ofServer.extend({ purpose: z.enum(['TEST', 'CUTOVER']) })

/** Which network a server's instances get, and what becomes of its interfaces there. */
export function networkOperations(dependencies: OperationDependencies): OperationGroup {
  const { db } = dependencies
  return {
    landfall: {
      /** Of a server, or of the template that new servers take them over from. */
      GetNetworkSettings: validated(ofOwner, async (input) => {
        const { owner, ownerID } = ownerOf(input)
        if (owner.words === 'SourceServer') await readServer(db, ownerID)
        return { [owner.id]: ownerID, ...(await readChoice(db, owner, ownerID)) }
      }),

      UpdateNetworkSettings: validated(update, async ({ testNetwork, ...input }) => {
        const { owner, ownerID } = ownerOf(input)
        const settings = await db.transaction().execute(async (trx) => {
          await lockOwner(trx, owner, ownerID)
          if (owner.words === 'Template') {
            await trx
              .updateTable('launch_configuration_templates')
              .set({ test_network: testNetwork })
              .where('template_id', '=', ownerID)
              .execute()
          } else await chooseTestNetwork(trx, ownerID, testNetwork)
          return readChoice(trx, owner, ownerID)
        })
        return { [owner.id]: ownerID, ...settings }
      }),

      /** Refused like the launch would be, when the launch settings cannot be carried out. */
      DescribeNetworkPlan: validated(ofLaunch, async ({ sourceServerID, purpose }) => {
        const plan = await networkPlanFor(dependencies, db, { sourceServerID, purpose })
        return { sourceServerID, purpose, ...plan }
      }),
    },
  }
}

function readChoice(db: Kysely<Schema>, { words }: Owner, ownerID: string) {
  return words === 'Template' ? readTemplatesTestNetwork(db, ownerID) : readTestNetwork(db, ownerID)
}
