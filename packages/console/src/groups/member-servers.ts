import { usePolled } from '../api/polling.ts'
import type { SourceServer } from '../api/source-server.ts'
import { SELECTION_MAX } from '../servers/actions.ts'
import type { Group } from './group.ts'

interface Found {
  readonly items: readonly SourceServer[]
  readonly total: number
}

/** A page of the servers in an application, or in the applications of a wave. */
export function useMemberServers(group: Group, { page = 1, enabled = true } = {}) {
  const filters =
    group.kind === 'application' ? { applicationIDs: [group.id] } : { waveIDs: [group.id] }
  return usePolled<Found>(
    'landfall:SearchSourceServers',
    { ...filters, view: 'ALL', offset: (page - 1) * SELECTION_MAX, limit: SELECTION_MAX },
    { enabled },
  )
}
