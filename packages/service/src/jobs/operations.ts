import { LandfallError } from '@landfall/model'
import { sql } from 'kysely'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { pageStart, readPage, toPage, type PageRequest } from '../pages.ts'
import { SHOWN_KINDS } from './tables.ts'
import { viewJobLogItem, viewJobs } from './views.ts'

interface JobFilters {
  readonly jobIDs?: readonly string[]
  readonly fromDate?: string
  readonly toDate?: string
}

/** Jobs and their logs; but for those that are the service's own business. */
export function jobOperations({ db }: OperationDependencies): OperationGroup {
  const shownJobs = () => db.selectFrom('jobs').where('kind', 'in', SHOWN_KINDS)
  return {
    mgn: {
      async DescribeJobs(
        input: PageRequest & { readonly filters?: JobFilters },
        context: CallContext,
      ) {
        const { after, limit } = pageStart(input)
        const { jobIDs = [], fromDate, toDate } = input.filters ?? {}
        let query = shownJobs().selectAll()
        if (jobIDs.length > 0) query = query.where('job_id', 'in', jobIDs)
        if (fromDate !== undefined) query = query.where('created_at', '>=', new Date(fromDate))
        if (toDate !== undefined) query = query.where('created_at', '<=', new Date(toDate))
        // MGN lists the newest first.
        if (after !== undefined) query = query.where('seq', '<', after)
        const rows = await query
          .orderBy('seq', 'desc')
          .limit(limit + 1)
          .execute()
        const page = toPage(rows, limit, (row) => row)
        return { ...page, items: await viewJobs(db, page.items, context) }
      },
      async DescribeJobLogItems(input: PageRequest & { readonly jobID: string }) {
        await checkJob(input.jobID)
        const query = db.selectFrom('job_log').selectAll().where('job_id', '=', input.jobID)
        const page = await readPage(query, input)
        return { ...page, items: page.items.map(viewJobLogItem) }
      },
      async DeleteJob({ jobID }: { readonly jobID: string }) {
        const deleted = await db
          .deleteFrom('jobs')
          .where('job_id', '=', jobID)
          .where('kind', 'in', SHOWN_KINDS)
          .where('status', '=', 'COMPLETED')
          .returning(sql`1`.as('one'))
          .executeTakeFirst()
        if (deleted !== undefined) return {}
        const { status } = await readJob(jobID)
        throw new LandfallError(
          'conflict',
          `Job ${jobID} is ${status}; only a COMPLETED job can be deleted`,
          { resource: { resourceId: jobID, resourceType: 'Job' } },
        )
      },
    },
  }

  /** The operation declares no ResourceNotFoundException. */
  async function checkJob(jobID: string) {
    const job = await shownJobs().select('status').where('job_id', '=', jobID).executeTakeFirst()
    if (job !== undefined) return
    throw new LandfallError('validation', `There is no Job ${jobID}`, {
      fields: [{ name: 'jobID', message: 'is not the ID of a job' }],
    })
  }

  async function readJob(jobID: string) {
    const job = await shownJobs().select('status').where('job_id', '=', jobID).executeTakeFirst()
    return found(job, 'Job', jobID)
  }
}
