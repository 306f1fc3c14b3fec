import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { SHOWN_KINDS } from './tables.ts'
import { viewJobs } from './views.ts'

/** Shown of one server's jobs: a server is launched some times, not hundreds. */
const SHOWN_MAX = 50

/** The jobs of one server, which MGN's DescribeJobs cannot be asked for. */
export function serverJobOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      /** As DescribeJobs gives them, the newest first. */
      ListServerJobs: validated(ofServer, async ({ sourceServerID }, context: CallContext) => {
        await readServer(db, sourceServerID)
        const rows = await db
          .selectFrom('jobs')
          .selectAll()
          .where('kind', 'in', SHOWN_KINDS)
          .where('job_id', 'in', (of) =>
            of
              .selectFrom('job_servers')
              .select('job_id')
              .where('source_server_id', '=', sourceServerID),
          )
          .orderBy('seq', 'desc')
          .limit(SHOWN_MAX)
          .execute()
        return { items: await viewJobs(db, rows, context) }
      }),
    },
  }
}
