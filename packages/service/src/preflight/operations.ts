import type { Kysely } from 'kysely'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { validated } from '../valid-input.ts'
import { countPreflight, reportPreflight } from './report-preflight.ts'

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
        const [seen] = await readSeen(db, [sourceServerID])
        const { server, rows } = found(seen, 'SourceServer', sourceServerID)
        return reportPreflight(server, rows)
      }),

      /** Of the servers that were looked at, how many findings each has. */
      ListPreflightCounts: validated(ofServers, async ({ sourceServerIDs }) => {
        const seen = await readSeen(db, sourceServerIDs)
        const lookedAt = seen.filter(({ rows }) => rows.length > 0)
        const counts = lookedAt.map(({ server, rows }) => {
          return [server.source_server_id, countPreflight(server, rows)] as const
        })
        return { counts: Object.fromEntries(counts) }
      }),
    },
  }
}

/** The servers that there are, with all that was seen of each. */
async function readSeen(db: Kysely<Schema>, ids: readonly string[]) {
  if (ids.length === 0) return []
  const servers = await db
    .selectFrom('source_servers')
    .select(['source_server_id', 'properties'])
    .select((column) =>
      column
        .exists(
          column
            .selectFrom('disk_keys')
            .select('name')
            .whereRef('disk_keys.source_server_id', '=', 'source_servers.source_server_id'),
        )
        .as('has_passphrase'),
    )
    .where('source_server_id', 'in', ids)
    .execute()
  const rows = await db
    .selectFrom('guest_facts')
    .selectAll()
    .where('source_server_id', 'in', ids)
    .execute()
  const byServer = Map.groupBy(rows, (row) => row.source_server_id)
  return servers.map((server) => {
    return { server, rows: byServer.get(server.source_server_id) ?? [] }
  })
}
