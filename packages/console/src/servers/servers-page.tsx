import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { lazy, Suspense } from 'react'
import { useNavigate } from 'react-router'
import type { ApiError } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import type { SourceServer } from '../api/source-server.ts'
import { Pages } from '../lists/pages.tsx'
import { useChosenRows } from '../lists/use-chosen-rows.ts'
import { Readable } from '../session/readable.tsx'
import { COLUMNS } from './columns.tsx'
import { SearchFields } from './search-fields.tsx'
import { ServerActions } from './server-actions.tsx'
import { type Search, type Sort, useSearch, type View } from './use-search.ts'
import { useTablePreferences } from './use-table-preferences.ts'

const TablePreferences = lazy(() =>
  import('./table-preferences.tsx').then((m) => ({ default: m.TablePreferences })),
)

const SEARCH = 'landfall:SearchSourceServers'

interface Found {
  readonly items: readonly SourceServer[]
  readonly total: number
}

const VIEWS: readonly { readonly id: View; readonly text: string }[] = [
  { id: 'ACTIVE', text: 'Active' },
  { id: 'IMPORTED', text: 'Imported' },
  { id: 'ARCHIVED', text: 'Archived' },
]

/** Every server, what it is at, and what can be done to it. */
export function ServersPage() {
  return (
    <Readable title="Source servers" action={SEARCH}>
      <ServersTable />
    </Readable>
  )
}

function ServersTable() {
  const [search, change] = useSearch()
  const [preferences, setPreferences] = useTablePreferences()
  const { page, ...filters } = search
  const limit = preferences.pageSize
  const input = { ...filters, offset: (page - 1) * limit, limit }
  const { data, error, isPending } = usePolled<Found>(SEARCH, input)
  const items = data?.items ?? []
  const total = data?.total ?? 0
  const [chosen, choice] = useChosenRows(items, ({ sourceServerID }) => sourceServerID)
  const columns = COLUMNS.filter(({ id }) => preferences.columns.includes(id))
  return (
    <Table
      variant="full-page"
      stickyHeader
      wrapLines
      items={items}
      columnDefinitions={columns}
      loading={isPending}
      loadingText="Loading source servers"
      {...choice}
      ariaLabels={{
        tableLabel: 'Source servers',
        selectionGroupLabel: 'Choice of source servers',
        allItemsSelectionLabel: () => 'Choose all on this page',
        itemSelectionLabel: (_, { sourceServerID }) => `Choose ${sourceServerID}`,
      }}
      sortingColumn={{ sortingField: search.sort }}
      sortingDescending={search.descending}
      onSortingChange={({ detail }) =>
        change({
          sort: (detail.sortingColumn.sortingField ?? 'name') as Sort,
          descending: detail.isDescending ?? false,
        })
      }
      header={<ListHeader {...{ search, change, chosen, total, error }} />}
      filter={<SearchFields search={search} onChange={change} />}
      pagination={
        <Pages
          page={page}
          pages={Math.max(1, Math.ceil(total / limit))}
          onChange={(to) => change({ page: to })}
        />
      }
      preferences={
        <Suspense>
          <TablePreferences value={preferences} onChange={setPreferences} />
        </Suspense>
      }
      empty={error === null && <Nothing view={search.view} isFiltered={isFiltered(search)} />}
    />
  )
}

function isFiltered({ text, lifeCycleStates, waveIDs, applicationIDs, tag, isStalled }: Search) {
  return [text, lifeCycleStates, waveIDs, applicationIDs, tag, isStalled].some(Boolean)
}

interface ListHeaderProps {
  readonly search: Search
  readonly change: (change: Partial<Search>) => void
  readonly chosen: readonly SourceServer[]
  readonly total: number
  readonly error: ApiError | null
}

function ListHeader({ search, change, chosen, total, error }: ListHeaderProps) {
  return (
    <SpaceBetween size="s">
      {error && <Alert type="error">{error.message}</Alert>}
      <Header
        variant="awsui-h1-sticky"
        counter={`(${chosen.length > 0 ? `${chosen.length}/` : ''}${total})`}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <ServerActions servers={chosen} />
            <AddServerButton />
          </SpaceBetween>
        }
      >
        Source servers
      </Header>
      <SegmentedControl
        label="Which source servers"
        selectedId={search.view}
        options={[...VIEWS]}
        onChange={({ detail }) => change({ view: detail.selectedId as View })}
      />
    </SpaceBetween>
  )
}

function AddServerButton() {
  const navigate = useNavigate()
  return (
    <Button variant="primary" onClick={() => void navigate('/add-server')}>
      Add server
    </Button>
  )
}

/** What an empty table says: the next step. */
function Nothing({ view, isFiltered: is }: { readonly view: View; readonly isFiltered: boolean }) {
  const text = is
    ? 'No source server matches. Clear the search to see all.'
    : {
        ACTIVE: 'No source servers yet. Install the agent on a server to add it.',
        IMPORTED: 'No imported servers that wait for an agent.',
        ARCHIVED: 'No archived servers. A server can be archived after its cutover.',
      }[view]
  return (
    <Box textAlign="center" color="inherit" padding="l">
      {text}
    </Box>
  )
}
