import {
  CONVERSIONS_AT_ONCE,
  LandfallError,
  type LifecycleState,
  SERVERS_PER_JOB_MAX,
} from '@landfall/model'
import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { SIDE_BY_SIDE_MAX } from '../jobs/run-job.ts'
import { found } from '../not-found.ts'
import { viewReplications } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { catchUp } from './catch-up.ts'
import { forecastParts, type ForecastPart } from './parts.ts'
import { pastDurations } from './past-durations.ts'
import { scheduleBoots, type ServerTimes } from './schedule.ts'

const id = z.string().min(1).max(64)

const forecastSchema = z.union([
  z.strictObject({ sourceServerIDs: z.array(id).min(1).max(SERVERS_PER_JOB_MAX) }),
  z.strictObject({ waveID: id }),
])

/** There is no cutover left to forecast. */
const CUT_OVER: readonly LifecycleState[] = ['CUTOVER', 'DISCONNECTED']

const CONCURRENCY = { servers: SIDE_BY_SIDE_MAX, conversions: CONVERSIONS_AT_ONCE }

/** One whose time can be told, or why it cannot. */
type ServerForecast = { readonly sourceServerID: string } & (
  | { readonly parts: readonly ForecastPart[] }
  | { readonly unknown: string }
)

/** How long a cutover would take from now on, until all instances have booted. */
export function forecastOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, instances, timing } = dependencies
  return {
    landfall: {
      GetCutoverForecast: validated(forecastSchema, async (input, context) => {
        const ids =
          'waveID' in input ? await serversOf(input.waveID) : [...new Set(input.sourceServerIDs)]
        const servers = await forecastOf(ids.toSorted(), context)
        return { forecastDateTime: context.now().toISOString(), ...totalOf(servers, context.now()) }
      }),
    },
  }

  async function serversOf(waveID: string): Promise<string[]> {
    const wave = await db
      .selectFrom('groups')
      .select('group_id')
      .where('group_id', '=', waveID)
      .where('kind', '=', 'wave')
      .executeTakeFirst()
    found(wave, 'Wave', waveID)
    const rows = await db
      .selectFrom('source_servers as server')
      .innerJoin('groups as application', 'application.group_id', 'server.application_id')
      .select('server.source_server_id')
      .where('application.wave_id', '=', waveID)
      .where('server.is_archived', '=', false)
      .where('server.state', 'not in', CUT_OVER)
      .execute()
    if (rows.length > SERVERS_PER_JOB_MAX) {
      const message = `Wave ${waveID} has ${rows.length} servers, and a job ${SERVERS_PER_JOB_MAX}`
      throw new LandfallError('validation', `${message}: ask for the servers of a job each.`)
    }
    return rows.map((row) => row.source_server_id)
  }

  async function forecastOf(
    ids: readonly string[],
    { now }: CallContext,
  ): Promise<ServerForecast[]> {
    if (ids.length === 0) return []
    const rows = await db
      .selectFrom('source_servers')
      .selectAll()
      .where('source_server_id', 'in', ids)
      .orderBy('source_server_id')
      .execute()
    for (const one of ids) {
      const row = rows.find((known) => known.source_server_id === one)
      found(row, 'SourceServer', one)
    }
    const infos = await viewReplications(db, rows, now(), timing)
    const { ofAll, ofServer } = await pastDurations(db, ids)
    return rows.map((row, index) => {
      const info = infos[index]
      if (info === undefined) throw new Error('one row has one view')
      const { source_server_id: sourceServerID, report, instance_id: instanceID } = row
      const caughtUp = catchUp({ info, report }, now())
      if ('unknown' in caughtUp) return { sourceServerID, ...caughtUp }
      const parts = forecastParts({
        catchUp: caughtUp,
        hasInstance: instanceID !== null,
        ofServer: ofServer.get(sourceServerID) ?? {},
        ofAll,
        accelerator: instances.accelerator,
      })
      return { sourceServerID, parts }
    })
  }
}

/** All together: they are worked on side by side, and share the staging area. */
function totalOf(servers: readonly ServerForecast[], now: Date): object {
  const told = servers.filter((server) => 'parts' in server)
  const boots = (which: 'seconds' | 'slowestSeconds') =>
    scheduleBoots(
      told.map(({ parts }) => timesOf(parts, which)),
      CONCURRENCY,
    )
  const [expected, slowest] = [boots('seconds'), boots('slowestSeconds')]
  const bootedSeconds = new Map(told.map((server, index) => [server, expected[index] ?? 0]))
  const expectedSeconds = Math.max(...expected)
  return {
    ...(told.length > 0 && {
      expectedSeconds,
      slowestSeconds: Math.max(...slowest),
      expectedDateTime: new Date(now.getTime() + expectedSeconds * 1000).toISOString(),
    }),
    serversAtOnce: SIDE_BY_SIDE_MAX,
    conversionsAtOnce: CONVERSIONS_AT_ONCE,
    servers: servers.map((server) =>
      'parts' in server ? { ...server, expectedSeconds: bootedSeconds.get(server) } : server,
    ),
  }
}

function timesOf(parts: readonly ForecastPart[], which: 'seconds' | 'slowestSeconds'): ServerTimes {
  const sum = (...names: readonly ForecastPart['name'][]) =>
    parts.filter(({ name }) => names.includes(name)).reduce((total, part) => total + part[which], 0)
  return {
    untilPoint: sum('CLEANUP', 'CATCH_UP', 'POINT'),
    conversion: sum('CONVERSION'),
    launch: sum('LAUNCH'),
    firstBoot: sum('FIRST_BOOT'),
  }
}
