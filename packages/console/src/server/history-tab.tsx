import Alert from '@cloudscape-design/components/alert'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { Job } from '../api/job.ts'
import { usePolled } from '../api/polling.ts'
import { initiatedByText, launchStatusOf } from '../launches/job-words.ts'
import { PageLink } from '../shell/page-link.tsx'
import { Moment } from '../time/moment.tsx'
import { type Milestone, milestones } from './milestones.ts'
import type { TabProps } from './server-tabs.tsx'

/** What happened to the server, and the jobs that did it. */
export function HistoryTab({ server }: TabProps) {
  return (
    <SpaceBetween size="l">
      <Table
        variant="container"
        items={[...milestones(server)]}
        trackBy="what"
        ariaLabels={{ tableLabel: 'Events' }}
        header={<Header variant="h2">Events</Header>}
        columnDefinitions={MILESTONE_COLUMNS}
      />
      <Jobs sourceServerID={server.sourceServerID} />
    </SpaceBetween>
  )
}

const MILESTONE_COLUMNS: readonly TableProps.ColumnDefinition<Milestone>[] = [
  { id: 'at', header: 'Moment', cell: ({ at }) => <Moment at={at} /> },
  { id: 'what', header: 'Event', isRowHeader: true, cell: ({ what }) => what },
  { id: 'job', header: 'Job', cell: ({ jobID }) => <JobLink jobID={jobID} /> },
]

function Jobs({ sourceServerID }: { readonly sourceServerID: string }) {
  const { data, error, isPending } = usePolled<{ items: Job[] }>('landfall:ListServerJobs', {
    sourceServerID,
  })
  return (
    <Table
      variant="container"
      items={data?.items ?? []}
      trackBy="jobID"
      loading={isPending}
      loadingText="Loading jobs"
      ariaLabels={{ tableLabel: 'Jobs' }}
      header={
        <SpaceBetween size="s">
          <Header variant="h2">Jobs</Header>
          {error && <Alert type="error">{error.message}</Alert>}
        </SpaceBetween>
      }
      empty="No jobs yet. Launching a test instance is one."
      columnDefinitions={[
        {
          id: 'id',
          header: 'Job',
          isRowHeader: true,
          cell: ({ jobID }) => <JobLink jobID={jobID} />,
        },
        { id: 'type', header: 'Kind', cell: initiatedByText },
        { id: 'begun', header: 'Started', cell: (job) => <Moment at={job.creationDateTime} /> },
        { id: 'ended', header: 'Ended', cell: (job) => <Moment at={job.endDateTime} /> },
        {
          id: 'status',
          header: 'Of this server',
          cell: (job) => <Status job={job} sourceServerID={sourceServerID} />,
        },
        {
          id: 'instance',
          header: 'Instance',
          cell: (job) => <InstanceLink id={partOf(job, sourceServerID)?.launchedEc2InstanceID} />,
        },
      ]}
    />
  )
}

function JobLink({ jobID }: { readonly jobID: string | undefined }) {
  return jobID === undefined ? '–' : <PageLink to={`/launch-history/${jobID}`}>{jobID}</PageLink>
}

function InstanceLink({ id }: { readonly id: string | undefined }) {
  return id === undefined ? '–' : <PageLink to={`/instances/${id}`}>{id}</PageLink>
}

function Status({ job, sourceServerID }: { readonly job: Job; readonly sourceServerID: string }) {
  const status = partOf(job, sourceServerID)?.launchStatus
  if (status === undefined) return '–'
  const { type, text } = launchStatusOf(status)
  return <StatusIndicator type={type}>{text}</StatusIndicator>
}

function partOf({ participatingServers }: Job, sourceServerID: string) {
  return participatingServers.find((part) => part.sourceServerID === sourceServerID)
}
