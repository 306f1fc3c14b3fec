import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { Dependencies, OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { planLaunchOf } from '../jobs/launch-plan.ts'
import { found } from '../not-found.ts'
import { readServersToLaunch, type ServerToLaunch } from '../source-servers/launch-settings.ts'
import { validated } from '../valid-input.ts'
import { countPreflight, reportPreflight, type ServerFacts } from './report-preflight.ts'
import type { GuestFactsRow } from './tables.ts'

/** The facts of each are some KB, and the rules are held against them anew at each call. */
const COUNTED_AT_ONCE_MAX = 200

const ofServers = z.object({
  sourceServerIDs: z.array(ofServer.shape.sourceServerID).max(COUNTED_AT_ONCE_MAX),
})

type World = Pick<Dependencies, 'db' | 'instances' | 'networks' | 'provider'>

/** What would go wrong at a launch. */
export function preflightOperations(dependencies: OperationDependencies): OperationGroup {
  return {
    landfall: {
      GetPreflight: validated(ofServer, async ({ sourceServerID }) => {
        const [seen] = await readSeen(dependencies, [sourceServerID])
        const { facts, rows } = found(seen, 'SourceServer', sourceServerID)
        return reportPreflight(facts, rows)
      }),

      /** Of the servers that were looked at, how many findings each has. */
      ListPreflightCounts: validated(ofServers, async ({ sourceServerIDs }) => {
        const seen = await readSeen(dependencies, sourceServerIDs)
        const lookedAt = seen.filter(({ rows }) => rows.length > 0)
        const counts = lookedAt.map(({ facts, rows }) => {
          return [facts.server.source_server_id, countPreflight(facts, rows)] as const
        })
        return { counts: Object.fromEntries(counts) }
      }),
    },
  }
}

/** The servers that there are, with all that was seen of each; by three reads for all. */
async function readSeen(
  world: World,
  ids: readonly string[],
): Promise<{ readonly facts: ServerFacts; readonly rows: readonly GuestFactsRow[] }[]> {
  if (ids.length === 0) return []
  const { db } = world
  const servers = await readServersToLaunch(db, ids)
  const keys = await db
    .selectFrom('disk_keys')
    .select('source_server_id')
    .where('source_server_id', 'in', ids)
    .execute()
  const rows = await db
    .selectFrom('guest_facts')
    .selectAll()
    .where('source_server_id', 'in', ids)
    .execute()
  const byServer = Map.groupBy(rows, (row) => row.source_server_id)
  const withKey = new Set(keys.map((row) => row.source_server_id))
  return await Promise.all(
    servers.map(async (server) => {
      const id = server.source_server_id
      const hasPassphrase = withKey.has(id)
      const facts = { server, hasPassphrase, launch: await launchFacts(world, server) }
      return { facts, rows: byServer.get(id) ?? [] }
    }),
  )
}

/** What a launch would be refused for now, a test or a cutover, and what the instance would be. */
async function launchFacts(world: World, server: ServerToLaunch): Promise<ServerFacts['launch']> {
  const test = await planLaunchOf(world, server, { purpose: 'TEST' })
  const { problems, sizes } = await planLaunchOf(world, server, { purpose: 'CUTOVER' })
  const all = [...new Set([...test.problems, ...problems])]
  return { problems: all, ...(sizes && { sizes }) }
}
