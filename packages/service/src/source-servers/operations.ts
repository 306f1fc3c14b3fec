import type { LifecycleState } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { pageStart, toPage, type PageRequest } from '../pages.ts'
import { viewSourceServers } from './source-server-view.ts'

interface Filters {
  readonly sourceServerIDs?: readonly string[]
  readonly isArchived?: boolean
  readonly replicationTypes?: readonly string[]
  readonly lifeCycleStates?: readonly LifecycleState[]
  readonly applicationIDs?: readonly string[]
}

/** Listing source servers. An empty list in a filter is no filter. */
export function sourceServerOperations({ db, timing }: OperationDependencies): OperationGroup {
  return {
    mgn: {
      async DescribeSourceServers(
        input: PageRequest & { readonly filters?: Filters },
        context: CallContext,
      ) {
        const { after, limit } = pageStart(input)
        const filters = input.filters ?? {}
        if (excludesAll(filters)) return { items: [] }
        let query = db.selectFrom('source_servers').selectAll()
        if (filters.sourceServerIDs?.length) {
          query = query.where('source_server_id', 'in', filters.sourceServerIDs)
        }
        if (filters.lifeCycleStates?.length) {
          query = query.where('state', 'in', filters.lifeCycleStates)
        }
        if (filters.isArchived !== undefined) {
          query = query.where('is_archived', '=', filters.isArchived)
        }
        if (after !== undefined) query = query.where('seq', '>', after)
        const rows = await query
          .orderBy('seq')
          .limit(limit + 1)
          .execute()
        const page = toPage(rows, limit, (row) => row)
        const options = { account: context, now: context.now(), timing }
        return { ...page, items: await viewSourceServers(db, page.items, options) }
      },
    },
  }
}

/** Every server here has an agent and is in no application. */
function excludesAll({ replicationTypes, applicationIDs }: Filters): boolean {
  if (applicationIDs?.length) return true
  return Boolean(replicationTypes?.length) && !replicationTypes?.includes('AGENT_BASED')
}
