import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { downsample, intervalMs } from './downsample.ts'
import { KEPT_HOURS } from './retention.ts'

const HOUR_MS = 60 * 60 * 1000

const schema = ofServer.extend({ hours: z.number().int().min(1).max(KEPT_HOURS).default(24) })

/** How a server replicated over the last hours, for charts. */
export function replicationHistoryOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      /** At most some hundred samples, in the order of time; the model says what they are. */
      GetReplicationHistory: validated(schema, async ({ sourceServerID, hours }, context) => {
        await readServer(db, sourceServerID)
        const now = context.now()
        const from = new Date(now.getTime() - hours * HOUR_MS)
        const rows = await db
          .selectFrom('replication_samples')
          .select(['at', 'state', 'lag_seconds', 'backlog_bytes', 'wire_bytes'])
          .where('source_server_id', '=', sourceServerID)
          .where('at', '>=', from)
          .orderBy('at')
          .execute()
        const everyMs = intervalMs(hours * HOUR_MS)
        return {
          sourceServerID,
          fromDateTime: from.toISOString(),
          toDateTime: now.toISOString(),
          intervalSeconds: everyMs / 1000,
          samples: downsample(rows, everyMs),
        }
      }),
    },
  }
}
