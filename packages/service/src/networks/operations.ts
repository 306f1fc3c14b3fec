import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { networkPlanFor, readTestNetwork } from './network-plans.ts'
import { TEST_NETWORKS } from './tables.ts'

/** Null: the default again, also as it may be later. */
const update = ofServer.extend({ testNetwork: z.enum(TEST_NETWORKS).nullable() })

const ofLaunch = ofServer.extend({ purpose: z.enum(['TEST', 'CUTOVER']) })

/** Which network a server's instances get, and what becomes of its interfaces there. */
export function networkOperations(dependencies: OperationDependencies): OperationGroup {
  const { db } = dependencies
  return {
    landfall: {
      GetNetworkSettings: validated(ofServer, async ({ sourceServerID }) => {
        await readServer(db, sourceServerID)
        return { sourceServerID, ...(await readTestNetwork(db, sourceServerID)) }
      }),

      UpdateNetworkSettings: validated(update, async ({ sourceServerID, testNetwork }) => {
        const settings = await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          await trx
            .deleteFrom('network_settings')
            .where('source_server_id', '=', sourceServerID)
            .execute()
          if (testNetwork !== null) {
            await trx
              .insertInto('network_settings')
              .values({ source_server_id: sourceServerID, test_network: testNetwork })
              .execute()
          }
          return readTestNetwork(trx, sourceServerID)
        })
        return { sourceServerID, ...settings }
      }),

      /** Refused like the launch would be, when the launch settings cannot be carried out. */
      DescribeNetworkPlan: validated(ofLaunch, async ({ sourceServerID, purpose }) => {
        const plan = await networkPlanFor(dependencies, db, { sourceServerID, purpose })
        return { sourceServerID, purpose, ...plan }
      }),
    },
  }
}
