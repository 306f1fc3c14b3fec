import { LandfallError, type LifecycleState } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { readPage, type PageRequest } from '../pages.ts'
import { readServer } from './records.ts'
import { viewSourceServer, viewSourceServers } from './source-server-view.ts'

interface Filters {
  readonly sourceServerIDs?: readonly string[]
  readonly isArchived?: boolean
  readonly replicationTypes?: readonly string[]
  readonly lifeCycleStates?: readonly LifecycleState[]
  readonly applicationIDs?: readonly string[]
}

/** Listing source servers, where an empty list in a filter is no filter; how they replicate. */
export function sourceServerOperations({ db, timing }: OperationDependencies): OperationGroup {
  return {
    mgn: {
      async DescribeSourceServers(
        input: PageRequest & { readonly filters?: Filters },
        context: CallContext,
      ) {
        const filters = input.filters ?? {}
        if (excludesAll(filters)) return { items: [] }
        let query = db.selectFrom('source_servers').selectAll()
        if (filters.sourceServerIDs?.length) {
          query = query.where('source_server_id', 'in', filters.sourceServerIDs)
        }
        if (filters.lifeCycleStates?.length) {
          query = query.where('state', 'in', filters.lifeCycleStates)
        }
        if (filters.applicationIDs?.length) {
          query = query.where('application_id', 'in', filters.applicationIDs)
        }
        if (filters.isArchived !== undefined) {
          query = query.where('is_archived', '=', filters.isArchived)
        }
        const page = await readPage(query, input)
        const options = { account: context, now: context.now(), timing }
        return { ...page, items: await viewSourceServers(db, page.items, options) }
      },

      async UpdateSourceServerReplicationType(
        input: { readonly sourceServerID: string; readonly replicationType: string },
        context: CallContext,
      ) {
        const row = await readServer(db, input.sourceServerID)
        if (input.replicationType !== 'AGENT_BASED') {
          const message =
            'Landfall replicates by agents only, and takes no snapshots of hypervisors'
          const fields = [{ name: 'replicationType', message }]
          throw new LandfallError('validation', message, { fields })
        }
        return viewSourceServer(db, row, { account: context, now: context.now(), timing })
      },
    },
  }
}

/** Every server here has an agent. */
function excludesAll({ replicationTypes }: Filters): boolean {
  return Boolean(replicationTypes?.length) && !replicationTypes?.includes('AGENT_BASED')
}
