import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'

/** Names change seldom. */
const POLL_MS = 30_000

/** How each of the servers is called: by its ID where it was deleted, or is not known yet. */
export function useServerNames(sourceServerIDs: readonly string[]): (id: string) => string {
  const { data } = usePolled<{ readonly items: readonly SourceServer[] }>(
    'mgn:DescribeSourceServers',
    { filters: { sourceServerIDs } },
    { pollMs: POLL_MS, enabled: sourceServerIDs.length > 0 },
  )
  const names = new Map(data?.items.map((server) => [server.sourceServerID, serverName(server)]))
  return (id) => names.get(id) ?? id
}
