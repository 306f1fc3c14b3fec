import { SCRUB_BYTES_PER_SECOND, SCRUB_BYTES_PER_SECOND_MAX } from '@landfall/model'
import { z } from 'zod'
import { agentKey } from '../channel/notifier.ts'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { lockServer, readServer } from './records.ts'
import { validated } from '../valid-input.ts'

/** 0: no scrub. Null: the default again. */
const rate = ofServer.extend({
  bytesPerSecond: z.number().int().min(0).max(SCRUB_BYTES_PER_SECOND_MAX).nullable(),
})

/** How fast source and replica of a server are compared in the background. */
export function scrubOperations({ db, notifier }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      GetScrubRate: validated(ofServer, async ({ sourceServerID }) => {
        const { scrub_bytes_per_second: chosen } = await readServer(db, sourceServerID)
        return viewRate(sourceServerID, chosen)
      }),

      UpdateScrubRate: validated(rate, async ({ sourceServerID, bytesPerSecond }) => {
        await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          await trx
            .updateTable('source_servers')
            .set({ scrub_bytes_per_second: bytesPerSecond })
            .where('source_server_id', '=', sourceServerID)
            .execute()
        })
        notifier.notify(agentKey(sourceServerID))
        return viewRate(sourceServerID, bytesPerSecond)
      }),
    },
  }
}

function viewRate(sourceServerID: string, chosen: number | null) {
  const bytesPerSecond = chosen ?? SCRUB_BYTES_PER_SECOND
  return { sourceServerID, bytesPerSecond, isDefault: chosen === null }
}
