import { sql } from 'kysely'
import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { validated } from '../valid-input.ts'
import { viewInstances } from './instance-view.ts'

/** What a table shows at once. Each that exists is asked for at the provider. */
const ROWS_MAX = 50

const TEXT_CHARACTERS_MAX = 200

const text = z.string().min(1).max(TEXT_CHARACTERS_MAX)

const searchSchema = z.object({
  /** PRESENT: not terminated. Rehearsals are among the others: they are gone within minutes. */
  view: z.enum(['PRESENT', 'TERMINATED']).default('PRESENT'),
  /** In the IDs or the names of instance and server, in whatever case. */
  text: text.optional(),
  sourceServerID: text.optional(),
  purposes: z
    .array(z.enum(['TEST', 'CUTOVER', 'REHEARSAL']))
    .max(3)
    .optional(),
  offset: z.int().min(0).max(1_000_000).default(0),
  limit: z.int().min(1).max(ROWS_MAX).default(ROWS_MAX),
})

type Search = z.infer<typeof searchSchema>

/** Tables of launched instances, the newest first, with what can be done to each. */
export function searchInstanceOperations({ db, provider }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      SearchInstances: validated(searchSchema, async (search) => {
        const rows = await matching(search)
          .selectAll('instances')
          .orderBy('instances.created_at', 'desc')
          .orderBy('instances.instance_id')
          .offset(search.offset)
          .limit(search.limit)
          .execute()
        const { count } = await matching(search)
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        return { items: await viewInstances({ db, provider }, rows), total: count }
      }),
    },
  }

  function matching({ view, text: wanted, sourceServerID, purposes }: Search) {
    let query = db
      .selectFrom('instances')
      .leftJoin('source_servers as server', 'server.source_server_id', 'instances.source_server_id')
      .where('instances.state', view === 'PRESENT' ? '<>' : '=', 'TERMINATED')
    if (sourceServerID !== undefined) {
      query = query.where('instances.source_server_id', '=', sourceServerID)
    }
    if (purposes?.length) query = query.where('instances.purpose', 'in', purposes)
    return wanted === undefined ? query : query.where(containing(wanted))
  }
}

function containing(wanted: string) {
  const pattern = `%${wanted.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return sql<boolean>`concat_ws(' ', instances.instance_id, instances.source_server_id,
    instances.hostname, server.user_provided_id,
    server.properties->'identificationHints') ilike ${pattern}`
}
