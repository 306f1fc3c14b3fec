import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { openJobsOf } from '../jobs/open-jobs.ts'
import { type LifecycleFacts, lifecycleFacts } from '../lifecycle/refusal.ts'
import { readServer, viewReplications } from '../source-servers/records.ts'
import { viewWithReplications } from '../source-servers/source-server-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'
import { validated } from '../valid-input.ts'
import { filtersSchema, matching, type Filters } from './matching.ts'
import { nextStepOf } from './next-step.ts'
import { refusalsOf } from './refusals.ts'

/** What a table shows at once. */
const ROWS_MAX = 100

const SORTS = {
  name: 'list_name',
  state: 'state',
  added: 'added_at',
  lastSeen: 'last_seen_at',
} as const

const searchSchema = filtersSchema.extend({
  sort: z.enum(['name', 'state', 'added', 'lastSeen']).default('name'),
  descending: z.boolean().default(false),
  offset: z.int().min(0).max(1_000_000).default(0),
  limit: z.int().min(1).max(ROWS_MAX).default(ROWS_MAX),
})

/** Tables of servers: a page of rows with all that a row shows, and how many there are. */
export function serverListOperations({ db, timing }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      SearchSourceServers: validated(searchSchema, async (search, context) => {
        const [sort, direction] = [SORTS[search.sort], search.descending ? 'desc' : 'asc'] as const
        // Sorted by what is short: whole rows are read of the page only.
        const page = matching(db, search)
          .select('source_server_id')
          .orderBy(sort, direction)
          .orderBy('seq')
          .offset(search.offset)
          .limit(search.limit)
        const rows = db
          .selectFrom('source_servers')
          .selectAll()
          .where('source_server_id', 'in', page)
          .orderBy(sort, direction)
          .orderBy('seq')
          .execute()
        const [total, shown] = await Promise.all([countOf(db, search), rows])
        return { items: await viewRows(db, shown, context, timing), total }
      }),

      /** The same of one server, for its own page. */
      GetSourceServer: validated(
        z.object({ sourceServerID: z.string() }),
        async (input, context) => {
          const row = await readServer(db, input.sourceServerID)
          const [view] = await viewRows(db, [row], context, timing)
          return view ?? {}
        },
      ),
    },
  }
}

async function countOf(db: Kysely<Schema>, filters: Filters): Promise<number> {
  const { count } = await matching(db, filters)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

async function viewRows(
  db: Kysely<Schema>,
  rows: readonly SourceServerRow[],
  context: CallContext,
  timing: Timing,
): Promise<object[]> {
  const now = context.now()
  const infos = await viewReplications(db, rows, now, timing)
  const servers = await viewWithReplications(db, rows, infos, { account: context, now })
  const openJobs = await openJobsOf(
    db,
    rows.map((row) => row.source_server_id),
  )
  const groups = await groupsOf(db, rows)
  const views: object[] = []
  for (const [index, row] of rows.entries()) {
    const info = infos[index]
    if (info === undefined) throw new Error('one row gives one view')
    const facts: LifecycleFacts = {
      ...lifecycleFacts(db, row, { now, timing }),
      info: () => Promise.resolve(info),
      openJobs: () => Promise.resolve(openJobs.get(row.source_server_id) ?? []),
    }
    views.push({
      ...servers[index],
      nextStep: nextStepOf(row, info),
      refusals: await refusalsOf(row, facts, info),
      desiredReplication: row.desired,
      ...groups.get(row.application_id ?? ''),
    })
  }
  return views
}

/** The names of application and wave, by the ID of the application. */
async function groupsOf(db: Kysely<Schema>, rows: readonly SourceServerRow[]) {
  const ids = [...new Set(rows.flatMap(({ application_id: id }) => id ?? []))]
  if (ids.length === 0) return new Map<string, object>()
  const found = await db
    .selectFrom('groups as application')
    .leftJoin('groups as wave', 'wave.group_id', 'application.wave_id')
    .select(['application.group_id', 'application.name', 'application.wave_id'])
    .select('wave.name as wave_name')
    .where('application.group_id', 'in', ids)
    .execute()
  return new Map<string, object>(
    found.map(({ group_id: id, name, wave_id: waveID, wave_name: waveName }) => [
      id,
      { applicationName: name, ...(waveID !== null && { waveID, waveName }) },
    ]),
  )
}
