import Badge from '@cloudscape-design/components/badge'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { PageLink } from '../shell/page-link.tsx'
import { durationSeconds, formatSeconds } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import type { Sort } from './use-search.ts'
import {
  LIFECYCLE_WORDS,
  NEXT_STEP_WORDS,
  replicationErrorText,
  replicationStatus,
} from './words.ts'

type Column = TableProps.ColumnDefinition<SourceServer> & {
  readonly id: string
  readonly header: string
  /** Shown unless the user chose otherwise. */
  readonly isUsual: boolean
  readonly sortingField?: Sort
}

export const COLUMNS: readonly Column[] = [
  {
    id: 'name',
    header: 'Source server',
    cell: (server) => (
      <PageLink to={`/source-servers/${server.sourceServerID}`}>{serverName(server)}</PageLink>
    ),
    sortingField: 'name',
    isRowHeader: true,
    isUsual: true,
  },
  {
    id: 'alerts',
    header: 'Alerts',
    cell: (server) => <Alerts server={server} />,
    isUsual: true,
  },
  {
    id: 'lifecycle',
    header: 'Migration lifecycle',
    cell: ({ lifeCycle }) => LIFECYCLE_WORDS[lifeCycle.state],
    sortingField: 'state',
    isUsual: true,
  },
  {
    id: 'replication',
    header: 'Data replication status',
    cell: (server) => {
      const { type, text } = replicationStatus(server)
      return <StatusIndicator type={type}>{text}</StatusIndicator>
    },
    isUsual: true,
  },
  {
    id: 'nextStep',
    header: 'Next step',
    cell: ({ nextStep }) => NEXT_STEP_WORDS[nextStep],
    isUsual: true,
  },
  {
    id: 'lag',
    header: 'Lag',
    cell: ({ dataReplicationInfo: { lagDuration } }) =>
      lagDuration === undefined ? '–' : formatSeconds(durationSeconds(lagDuration)),
    isUsual: false,
  },
  {
    id: 'application',
    header: 'Application',
    cell: ({ applicationName }) => applicationName ?? '–',
    isUsual: true,
  },
  { id: 'wave', header: 'Wave', cell: ({ waveName }) => waveName ?? '–', isUsual: false },
  {
    id: 'tags',
    header: 'Tags',
    cell: ({ tags }) =>
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ') || '–',
    isUsual: false,
  },
  { id: 'id', header: 'Server ID', cell: ({ sourceServerID }) => sourceServerID, isUsual: false },
  {
    id: 'added',
    header: 'Added',
    cell: ({ lifeCycle }) => <Moment at={lifeCycle.addedToServiceDateTime} />,
    sortingField: 'added',
    isUsual: false,
  },
  {
    id: 'lastSeen',
    header: 'Last seen',
    cell: ({ lifeCycle }) => <Moment at={lifeCycle.lastSeenByServiceDateTime} />,
    sortingField: 'lastSeen',
    isUsual: false,
  },
]

/** MGN's alerts: what has stalled, what is behind for a while, what was launched. */
function Alerts({ server }: { readonly server: SourceServer }) {
  const { dataReplicationInfo: info, launchedInstance } = server
  const { dataReplicationState: state, dataReplicationError: error } = info
  if (state === 'STALLED' || error !== undefined) {
    return (
      <StatusIndicator type="error">
        {error === undefined ? 'Stalled' : replicationErrorText(error.error)}
      </StatusIndicator>
    )
  }
  if (state === 'BACKLOG' || state === 'RESCAN') {
    return <StatusIndicator type="pending">Lagging</StatusIndicator>
  }
  return launchedInstance === undefined ? '–' : <Badge color="blue">Launched</Badge>
}
