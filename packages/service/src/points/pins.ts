import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { resultFromStaging } from '../channel/await-staging.ts'
import { addStagingCommand, withdrawStagingCommand } from '../channel/staging-commands.ts'
import type { Database } from '../database/database.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { validated } from '../valid-input.ts'
import { ofPoint } from './operations.ts'

/** A pin keeps a point's layers as they are while somebody reads them (an export). */
export function pinOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing, now } = dependencies
  const timeoutMs = timing.operatorWaitMs
  return {
    landfall: {
      PinPoint: validated(ofPoint, async ({ sourceServerID, pointID }, { signal }) => {
        const point = await db
          .selectFrom('points')
          .select('point_id')
          .where('point_id', '=', pointID)
          .where('source_server_id', '=', sourceServerID)
          .where('state', '=', 'AVAILABLE')
          .executeTakeFirst()
        found(point, 'Point', pointID)
        const pinID = `pin-${randomUUID()}`
        const result = await resultFromStaging(dependencies, {
          key: `pin ${pinID}`,
          request: { type: 'PIN_POINT', sourceServerID, pointID, pinID },
          timeoutMs,
          signal,
        }).catch(async (error: unknown) => {
          await giveUpPin(db, pinID, now(), timeoutMs)
          throw error
        })
        await db
          .insertInto('pins')
          .values({ pin_id: pinID, source_server_id: sourceServerID, point_id: pointID })
          .execute()
        return { pinID, ...result }
      }),

      UnpinPoint: validated(z.object({ pinID: z.string().max(64) }), async ({ pinID }, context) => {
        const pin = await db
          .selectFrom('pins')
          .select('pin_id')
          .where('pin_id', '=', pinID)
          .executeTakeFirst()
        found(pin, 'Pin', pinID)
        await resultFromStaging(dependencies, {
          ...unpinning(pinID),
          timeoutMs,
          signal: context.signal,
        })
        await db.deleteFrom('pins').where('pin_id', '=', pinID).execute()
        return {}
      }),
    },
  }
}

/**
 * It may be pinned without our hearing of it. Commands run side by side in the staging area, so the
 * unpinning starts when a pinning that still runs has ended.
 */
async function giveUpPin(db: Database, pinID: string, now: Date, pauseMs: number) {
  await withdrawStagingCommand(db, `pin ${pinID}`, 'The caller waits no longer', now)
  const notBefore = new Date(now.getTime() + pauseMs)
  await addStagingCommand(db, { ...unpinning(pinID), now, notBefore })
}

function unpinning(pinID: string) {
  return { key: `unpin ${pinID}`, request: { type: 'UNPIN_POINT', pinID } } as const
}
