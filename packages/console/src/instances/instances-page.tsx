import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { InstancePurpose, InstanceView } from '@landfall/model'
import type { ApiError } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { Indicated } from '../launches/job-servers.tsx'
import { Pages } from '../lists/pages.tsx'
import { useChosenRows } from '../lists/use-chosen-rows.ts'
import { PageLink } from '../shell/page-link.tsx'
import { Moment } from '../time/moment.tsx'
import { InstanceActions } from './instance-actions.tsx'
import { firstBootStatus, PURPOSES, STATES } from './instance-words.ts'
import { type InstanceSearch, useInstanceSearch, type View } from './use-instance-search.ts'

interface Found {
  readonly items: readonly InstanceView[]
  readonly total: number
}

const PAGE_SIZE = 25

/** Each instance is asked for at who runs it. */
const POLL_MS = 3000

/** Every launched instance, what it is for, and how it is. */
export function InstancesPage() {
  const [search, change] = useInstanceSearch()
  const { view, text, purpose, page } = search
  const input = {
    view,
    ...(text !== '' && { text }),
    ...(purpose !== undefined && { purposes: [purpose] }),
    offset: (page - 1) * PAGE_SIZE,
    limit: PAGE_SIZE,
  }
  const { data, error, isPending } = usePolled<Found>('landfall:SearchInstances', input, {
    pollMs: POLL_MS,
  })
  const items = data?.items ?? []
  const total = data?.total ?? 0
  const [chosen, choice] = useChosenRows(items, ({ instanceID }) => instanceID)
  return (
    <Table
      variant="full-page"
      stickyHeader
      items={items}
      columnDefinitions={COLUMNS}
      loading={isPending}
      loadingText="Loading instances"
      {...choice}
      ariaLabels={{
        tableLabel: 'Instances',
        selectionGroupLabel: 'Choice of instances',
        allItemsSelectionLabel: () => 'Choose all on this page',
        itemSelectionLabel: (_, { instanceID }) => `Choose ${instanceID}`,
      }}
      header={<ListHeader {...{ view, chosen, total, error }} onChange={change} />}
      filter={<Filters search={search} onChange={change} />}
      pagination={
        <Pages
          page={page}
          pages={Math.max(1, Math.ceil(total / PAGE_SIZE))}
          onChange={(to) => change({ page: to })}
        />
      }
      empty={<Nothing search={search} />}
    />
  )
}

interface ListHeaderProps {
  readonly view: View
  readonly chosen: readonly InstanceView[]
  readonly total: number
  readonly error: ApiError | null
  readonly onChange: (change: Partial<InstanceSearch>) => void
}

function ListHeader({ view, chosen, total, error, onChange }: ListHeaderProps) {
  return (
    <SpaceBetween size="s">
      {error && <Alert type="error">{error.message}</Alert>}
      <Header
        variant="awsui-h1-sticky"
        counter={`(${chosen.length > 0 ? `${chosen.length}/` : ''}${total})`}
        actions={<InstanceActions instances={chosen} />}
      >
        Instances
      </Header>
      <SegmentedControl
        label="Which instances"
        selectedId={view}
        options={[
          { id: 'PRESENT', text: 'Present' },
          { id: 'TERMINATED', text: 'Terminated' },
        ]}
        onChange={({ detail }) => onChange({ view: detail.selectedId as View })}
      />
    </SpaceBetween>
  )
}

const COLUMNS: readonly TableProps.ColumnDefinition<InstanceView>[] = [
  {
    id: 'id',
    header: 'Instance',
    isRowHeader: true,
    cell: ({ instanceID: id }) => <PageLink to={`/instances/${id}`}>{id}</PageLink>,
  },
  {
    id: 'server',
    header: 'Source server',
    cell: ({ sourceServerID: id, sourceServerName }) =>
      sourceServerName === undefined ? (
        id
      ) : (
        <PageLink to={`/source-servers/${id}`}>{sourceServerName}</PageLink>
      ),
  },
  { id: 'purpose', header: 'Purpose', cell: ({ purpose }) => PURPOSES[purpose] },
  { id: 'state', header: 'State', cell: ({ state }) => <Indicated status={STATES[state]} /> },
  {
    id: 'boot',
    header: 'First boot',
    cell: (instance) => <Indicated status={firstBootStatus(instance)} />,
  },
  { id: 'type', header: 'Type', cell: ({ instanceType }) => instanceType ?? '–' },
  { id: 'made', header: 'Launched', cell: (one) => <Moment at={one.createdDateTime} /> },
]

interface FiltersProps {
  readonly search: InstanceSearch
  readonly onChange: (change: Partial<InstanceSearch>) => void
}

const PURPOSE_OPTIONS = [
  { value: 'any', label: 'Any purpose' },
  ...Object.entries(PURPOSES).map(([value, label]) => ({ value, label })),
]

function Filters({ search: { text, purpose }, onChange }: FiltersProps) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <TextFilter
        filteringText={text}
        filteringPlaceholder="Find by ID or server"
        filteringAriaLabel="Find instances"
        onChange={({ detail }) => onChange({ text: detail.filteringText })}
      />
      <Select
        selectedOption={PURPOSE_OPTIONS.find(({ value }) => value === (purpose ?? 'any')) ?? null}
        options={PURPOSE_OPTIONS}
        ariaLabel="Purpose"
        onChange={({ detail: { selectedOption } }) =>
          onChange({
            purpose:
              selectedOption.value === 'any'
                ? undefined
                : (selectedOption.value as InstancePurpose),
          })
        }
      />
    </SpaceBetween>
  )
}

function Nothing({ search: { view, text, purpose } }: { readonly search: InstanceSearch }) {
  const isFiltered = text !== '' || purpose !== undefined
  const words = isFiltered
    ? 'No instance matches. Clear the search to see all.'
    : {
        PRESENT: 'No instances yet. Launch test instances of source servers.',
        TERMINATED: 'No instance was terminated yet.',
      }[view]
  return (
    <Box textAlign="center" color="inherit" padding="l">
      {words}
    </Box>
  )
}
