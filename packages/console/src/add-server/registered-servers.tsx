import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useEffect, useState } from 'react'
import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { SectionTable } from '../lists/section-table.tsx'
import { LIFECYCLE_WORDS, replicationStatus } from '../servers/words.ts'
import { usePermission } from '../session/session.ts'
import { PageLink } from '../shell/page-link.tsx'
import { Moment } from '../time/moment.tsx'
import { registeredSince } from './registered-since.ts'

/** More than register while anybody watches. */
const WATCHED_MAX = 50

interface Found {
  readonly items: readonly SourceServer[]
}

interface RegisteredServersProps {
  /** Of the server that is being added. */
  readonly userProvidedID: string
}

/** The servers whose agent has registered since the page was opened. */
export function RegisteredServers({ userProvidedID }: RegisteredServersProps) {
  const refusal = usePermission()('landfall:SearchSourceServers')
  const { data, error } = usePolled<Found>(
    'landfall:SearchSourceServers',
    { sort: 'added', descending: true, limit: WATCHED_MAX },
    { enabled: refusal === undefined },
  )
  // An imported server was added long ago, and is among the active ones once it has its agent.
  const awaited = usePolled<Found>(
    'landfall:SearchSourceServers',
    { text: userProvidedID, limit: WATCHED_MAX },
    { enabled: refusal === undefined && userProvidedID !== '' },
  )
  const [newestBefore, setNewestBefore] = useState<string>()
  useEffect(() => {
    if (data === undefined || newestBefore !== undefined) return
    setNewestBefore(data.items[0]?.lifeCycle.addedToServiceDateTime ?? '')
  }, [data, newestBefore])
  const items = registeredSince(newestBefore, data?.items ?? [], {
    userProvidedID,
    found: awaited.data?.items ?? [],
  })
  return (
    <SectionTable<SourceServer>
      title="Servers that have registered meanwhile"
      rows={items}
      idOf={({ sourceServerID }) => sourceServerID}
      problem={refusal ?? error?.message}
      empty={
        <StatusIndicator type="in-progress">
          Waiting: a server appears here as soon as its agent has registered
        </StatusIndicator>
      }
      columns={[
        {
          id: 'name',
          header: 'Source server',
          isRowHeader: true,
          cell: (server) => (
            <PageLink to={`/source-servers/${server.sourceServerID}`}>
              {serverName(server)}
            </PageLink>
          ),
        },
        {
          id: 'lifecycle',
          header: 'Migration lifecycle',
          cell: ({ lifeCycle }) => LIFECYCLE_WORDS[lifeCycle.state],
        },
        {
          id: 'replication',
          header: 'Data replication status',
          cell: (server) => {
            const { type, text } = replicationStatus(server)
            return <StatusIndicator type={type}>{text}</StatusIndicator>
          },
        },
        {
          id: 'added',
          header: 'Added',
          cell: ({ lifeCycle }) => <Moment at={lifeCycle.addedToServiceDateTime} />,
        },
      ]}
    />
  )
}
