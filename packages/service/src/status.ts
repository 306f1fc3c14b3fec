import type { ReplicationDescription } from '@landfall/model'
import { z } from 'zod'
import type { OperationDependencies } from './dependencies.ts'
import type { OperationGroup } from './http/operation.ts'
import { ofServer } from './channel/schemas.ts'
import { viewMismatches } from './source-servers/mismatches.ts'
import { readServer } from './source-servers/records.ts'
import { validated } from './valid-input.ts'

/** The health of the whole, for `landfall status`. */
export function statusOperations({ db, account, now }: OperationDependencies): OperationGroup {
  const startedAt = now()
  return {
    landfall: {
      GetStatus: validated(z.object({}), async (_, context) => {
        const row = await db.selectFrom('accounts').select('initialized_at').executeTakeFirst()
        const servers = await db
          .selectFrom('source_servers')
          .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
          .groupBy('state')
          .execute()
        const staging = await db.selectFrom('replication_servers').selectAll().execute()
        const jobs = await db
          .selectFrom('jobs')
          .select(['job_id', 'kind', 'status'])
          .where('status', '<>', 'COMPLETED')
          .orderBy('seq')
          .execute()
        return {
          service: {
            ...account,
            startedAt: startedAt.toISOString(),
            now: context.now().toISOString(),
          },
          initialized: Boolean(row?.initialized_at),
          sourceServers: Object.fromEntries(servers.map(({ state, count }) => [state, count])),
          replicationServers: staging.map((server) => ({
            replicationServerID: server.replication_server_id,
            lastSeenAt: server.last_seen_at.toISOString(),
          })),
          openJobs: jobs.map((job) => ({ jobID: job.job_id, kind: job.kind, status: job.status })),
        }
      }),

      /** What the agent last reported, and every defect: MGN's shapes have no member for these. */
      DescribeReplication: validated(ofServer, async ({ sourceServerID }) => {
        const server = await readServer(db, sourceServerID)
        const { report, reported_at: reportedAt } = server
        const mismatches = await viewMismatches(db, server)
        return {
          report,
          reportedAt: reportedAt?.toISOString() ?? null,
          mismatches,
        } satisfies ReplicationDescription
      }),
    },
  }
}
