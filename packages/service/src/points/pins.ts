import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { resultFromStaging } from '../channel/await-staging.ts'
import { addStagingCommand, withdrawStagingCommand } from '../channel/staging-commands.ts'
import type { Database } from '../database/database.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { lockServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { ofPoint } from './operations.ts'
import { requireAvailable } from './points.ts'

/** A pin keeps a point's layers as they are while somebody reads them (an export). */
export function pinOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing, now } = dependencies
  const timeoutMs = timing.operatorWaitMs
  return {
    landfall: {
      PinPoint: validated(ofPoint, async ({ sourceServerID, pointID }, { signal }) => {
        const pinID = `pin-${randomUUID()}`
        const pinning = {
          key: `pin ${pinID}`,
          request: { type: 'PIN_POINT', sourceServerID, pointID, pinID },
        } as const
        await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          await requireAvailable(trx, sourceServerID, pointID)
          // Recorded with the lock, so that retention sees it.
          await addStagingCommand(trx, { ...pinning, now: now() })
        })
        const pinned = resultFromStaging(dependencies, { ...pinning, timeoutMs, signal })
        const result = await pinned.catch(async (error: unknown) => {
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
