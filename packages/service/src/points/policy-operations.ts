import { checkPointPolicy } from '@landfall/model'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { readPolicy, writePolicy } from './policies.ts'

const policyChanges = z.strictObject({
  enabled: z.boolean().exactOptional(),
  everyMinutes: z.number().exactOptional(),
  keepEveryForMinutes: z.number().exactOptional(),
  hourlyForMinutes: z.number().exactOptional(),
  dailyForMinutes: z.number().exactOptional(),
})

/** Null: the default again. Else the fields that are given change, the others stay. */
const update = ofServer.extend({ policy: policyChanges.nullable() })

/** When points of a server are made by schedule, and how long they are kept. */
export function pointPolicyOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      GetPointPolicy: validated(ofServer, async ({ sourceServerID }) => {
        await readServer(db, sourceServerID)
        return { sourceServerID, ...(await readPolicy(db, sourceServerID)) }
      }),

      UpdatePointPolicy: validated(update, async ({ sourceServerID, policy: changes }) => {
        const result = await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          const before = await readPolicy(trx, sourceServerID)
          const changed = changes === null ? undefined : { ...before.policy, ...changes }
          if (changed !== undefined) checkPointPolicy(changed)
          await writePolicy(trx, sourceServerID, changed)
          return readPolicy(trx, sourceServerID)
        })
        return { sourceServerID, ...result }
      }),
    },
  }
}
