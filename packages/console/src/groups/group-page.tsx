import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs, {
  type KeyValuePairsProps,
} from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useParams } from 'react-router'
import { LIFECYCLE_WORDS } from '../servers/words.ts'
import { Readable } from '../session/readable.tsx'
import { usePermission } from '../session/session.ts'
import { CutoverForecastPanel } from '../forecast/cutover-forecast-panel.tsx'
import { PageLink } from '../shell/page-link.tsx'
import { Moment } from '../time/moment.tsx'
import { type Group, useGroups } from './group.ts'
import { GroupActions } from './group-actions.tsx'
import { KINDS, type Kind } from './kinds.ts'
import { useMemberServers } from './member-servers.ts'
import { MembersTable } from './members-table.tsx'
import { GroupHealth, GroupProgress } from './status.tsx'
import { WaveApplications } from './wave-applications.tsx'

export function ApplicationPage() {
  return <GroupPage kind="application" />
}

export function WavePage() {
  return <GroupPage kind="wave" />
}

function GroupPage({ kind }: { readonly kind: Kind }) {
  const { text, list } = KINDS[kind]
  return (
    <Readable title={text} action={list}>
      <OneGroup kind={kind} />
    </Readable>
  )
}

function OneGroup({ kind }: { readonly kind: Kind }) {
  const { text, plural, path } = KINDS[kind]
  const { id = '' } = useParams()
  const ids = [id]
  const { data, error, isPending } = useGroups(
    kind,
    kind === 'application' ? { applicationIDs: ids } : { waveIDs: ids },
  )
  const [group] = data ?? []
  if (group === undefined) {
    return (
      <ContentLayout header={<Header variant="h1">{text}</Header>}>
        {isPending ? (
          <Spinner size="large" />
        ) : (
          <Alert type="error" header={`${text} ${id} is not there`}>
            {error?.message ?? 'It may have been deleted.'}{' '}
            <PageLink to={path}>All {plural.toLowerCase()}</PageLink>
          </Alert>
        )}
      </ContentLayout>
    )
  }
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={group.description}
          actions={<GroupActions group={group} />}
        >
          {group.name}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error && <Alert type="error">{error.message}</Alert>}
        {group.isArchived && (
          <Alert type="info">
            This {text.toLowerCase()} is archived: nothing can be put into it.
          </Alert>
        )}
        <Overview group={group} />
        {kind === 'wave' && <WaveApplications wave={group} />}
        {kind === 'wave' && !group.isArchived && <CutoverForecastPanel waveID={group.id} />}
        <MembersTable group={group} />
      </SpaceBetween>
    </ContentLayout>
  )
}

/** What the servers of a group come to. */
function Overview({ group }: { readonly group: Group }) {
  const { text, members } = KINDS[group.kind]
  const { tags, waveID } = group
  const items: KeyValuePairsProps.Item[] = [
    { label: 'Health', value: <GroupHealth group={group} /> },
    { label: 'Progress', value: <GroupProgress group={group} /> },
    { label: 'Servers by migration lifecycle', value: <LifecycleCounts group={group} /> },
    { label: members, value: group.membersCount },
    group.kind === 'application'
      ? { label: 'Wave', value: waveID === undefined ? '–' : <WaveLink id={waveID} /> }
      : { label: 'Replication started', value: <Moment at={group.replicationStartedAt} /> },
    { label: `${text} ID`, value: group.id },
    { label: 'Created', value: <Moment at={group.createdAt} /> },
    { label: 'Changed', value: <Moment at={group.modifiedAt} /> },
    {
      label: 'Tags',
      value:
        Object.entries(tags)
          .map(([key, value]) => `${key}=${value}`)
          .join(', ') || '–',
    },
  ]
  return (
    <Container header={<Header variant="h2">Overview</Header>}>
      <KeyValuePairs columns={3} items={items} />
    </Container>
  )
}

/** How many are where, for those that are shown on the first page of servers. */
function LifecycleCounts({ group }: { readonly group: Group }) {
  const enabled = usePermission()('landfall:SearchSourceServers') === undefined
  const { data } = useMemberServers(group, { enabled })
  const states = Map.groupBy(data?.items ?? [], ({ lifeCycle }) => lifeCycle.state)
  const counts = [...states].map(([state, some]) => `${some.length} ${LIFECYCLE_WORDS[state]}`)
  const more = (data?.total ?? 0) - (data?.items.length ?? 0)
  return [...counts, ...(more > 0 ? [`${more} more`] : [])].join(' · ') || '–'
}

function WaveLink({ id }: { readonly id: string }) {
  const isListed = usePermission()('mgn:ListWaves') === undefined
  const { data } = useGroups('wave', { waveIDs: [id] }, isListed)
  return <PageLink to={`/waves/${id}`}>{data?.[0]?.name ?? id}</PageLink>
}
