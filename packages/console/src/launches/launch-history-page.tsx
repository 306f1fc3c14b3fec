import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { Job } from '../api/job.ts'
import { usePolled } from '../api/polling.ts'
import { Pages } from '../lists/pages.tsx'
import { PageLink } from '../shell/page-link.tsx'
import { durationText } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import { initiatedByText, JOB_TYPE_WORDS, jobStatus, serversText } from './job-words.ts'
import { filtersOf, type JobSearch, type Period, PERIODS, useJobSearch } from './use-job-search.ts'

interface Found {
  readonly items: readonly Job[]
  readonly nextToken?: string
}

const PAGE_SIZE = 25

/** A job's whole ID, as the service knows it. */
const JOB_ID = /^mgnjob-[0-9a-f]{17}$/

/** Every job that launched or terminated instances, the newest first. */
export function LaunchHistoryPage() {
  const [search, change] = useJobSearch()
  const nextToken = search.tokens.at(-1)
  // Half an ID finds nothing yet: all are shown while it is typed.
  const asked = JOB_ID.test(search.jobID) ? search : { ...search, jobID: '' }
  const { data, error, isPending } = usePolled<Found>('mgn:DescribeJobs', {
    filters: filtersOf(asked, new Date()),
    maxResults: PAGE_SIZE,
    ...(nextToken !== undefined && { nextToken }),
  })
  return (
    <Table
      variant="full-page"
      stickyHeader
      trackBy="jobID"
      items={data?.items ?? []}
      columnDefinitions={COLUMNS}
      loading={isPending}
      loadingText="Loading jobs"
      ariaLabels={{ tableLabel: 'Jobs' }}
      header={
        <SpaceBetween size="s">
          {error && <Alert type="error">{error.message}</Alert>}
          <Header variant="awsui-h1-sticky">Launch history</Header>
        </SpaceBetween>
      }
      filter={<JobFilters search={search} onChange={change} />}
      pagination={
        <JobPages
          search={search}
          onChange={change}
          nextToken={error ? undefined : data?.nextToken}
        />
      }
      empty={<Nothing search={search} />}
    />
  )
}

const COLUMNS: readonly TableProps.ColumnDefinition<Job>[] = [
  {
    id: 'id',
    header: 'Job',
    isRowHeader: true,
    cell: ({ jobID }) => <PageLink to={`/launch-history/${jobID}`}>{jobID}</PageLink>,
  },
  { id: 'type', header: 'Type', cell: ({ type }) => JOB_TYPE_WORDS[type] },
  { id: 'by', header: 'Initiated by', cell: initiatedByText },
  {
    id: 'status',
    header: 'Status',
    cell: (job) => {
      const { type, text } = jobStatus(job)
      return <StatusIndicator type={type}>{text}</StatusIndicator>
    },
  },
  { id: 'servers', header: 'Servers', cell: serversText },
  { id: 'started', header: 'Started', cell: (job) => <Moment at={job.creationDateTime} /> },
  { id: 'ended', header: 'Ended', cell: (job) => <Moment at={job.endDateTime} /> },
  {
    id: 'took',
    header: 'Took',
    cell: ({ creationDateTime, endDateTime }) =>
      endDateTime === undefined ? '–' : durationText(creationDateTime, endDateTime),
  },
]

interface SearchProps {
  readonly search: JobSearch
  readonly onChange: (change: Partial<JobSearch>) => void
}

function JobFilters({ search, onChange }: SearchProps) {
  const options = PERIODS.map(({ value, label }) => ({ value, label }))
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <TextFilter
        filteringText={search.jobID}
        filteringPlaceholder="Find by job ID"
        filteringAriaLabel="Find by job ID"
        onChange={({ detail }) => onChange({ jobID: detail.filteringText.trim() })}
      />
      <Select
        selectedOption={options.find(({ value }) => value === search.period) ?? null}
        options={options}
        ariaLabel="Started"
        onChange={({ detail }) => onChange({ period: detail.selectedOption.value as Period })}
      />
    </SpaceBetween>
  )
}

/** The service does not say how many pages there are, but whether there is another. */
function JobPages({
  search: { tokens },
  onChange,
  nextToken,
}: SearchProps & { readonly nextToken: string | undefined }) {
  const page = tokens.length + 1
  const hasNext = nextToken !== undefined
  return (
    <Pages
      page={page}
      pages={hasNext ? page + 1 : page}
      isOpen={hasNext}
      onChange={(wanted) => {
        const known = hasNext ? [...tokens, nextToken] : tokens
        onChange({ tokens: known.slice(0, wanted - 1) })
      }}
    />
  )
}

function Nothing({ search: { period, jobID } }: { readonly search: JobSearch }) {
  const text =
    period !== 'any' || jobID !== ''
      ? 'No job matches. Clear the search to see all.'
      : 'No jobs yet. Choose source servers and launch test instances: that is one.'
  return (
    <Box textAlign="center" color="inherit" padding="l">
      {text}
    </Box>
  )
}
