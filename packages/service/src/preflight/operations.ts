import type { PreflightCounts } from '@landfall/model'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { countPreflight, reportPreflight } from './find.ts'

/** The facts of each are some KB, and the rules are held against them anew at each call. */
const COUNTED_AT_ONCE_MAX = 200

const ofServers = z.object({
  sourceServerIDs: z.array(ofServer.shape.sourceServerID).max(COUNTED_AT_ONCE_MAX),
})

/** What would go wrong at a launch. */
export function preflightOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      GetPreflight: validated(ofServer, async ({ sourceServerID }) => {
        const server = await readServer(db, sourceServerID)
        const rows = await db
          .selectFrom('guest_facts')
          .selectAll()
          .where('source_server_id', '=', sourceServerID)
          .execute()
        return reportPreflight(server, rows)
      }),

      /** Of the servers that were looked at, how many findings each has. */
      CountPreflight: validated(ofServers, async ({ sourceServerIDs }) => {
        const counts: Record<string, PreflightCounts> = {}
        if (sourceServerIDs.length === 0) return { counts }
        const servers = await db
          .selectFrom('source_servers')
          .select(['source_server_id', 'properties'])
          .where('source_server_id', 'in', sourceServerIDs)
          .execute()
        const rows = await db
          .selectFrom('guest_facts')
          .selectAll()
          .where('source_server_id', 'in', sourceServerIDs)
          .execute()
        const byServer = Map.groupBy(rows, (row) => row.source_server_id)
        for (const server of servers) {
          const seen = byServer.get(server.source_server_id)
          if (seen !== undefined) counts[server.source_server_id] = countPreflight(server, seen)
        }
        return { counts }
      }),
    },
  }
}
