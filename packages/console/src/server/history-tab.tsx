import Alert from '@cloudscape-design/components/alert'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { JobInitiatedBy, JobStatus, JobType, LaunchStatus } from '@landfall/model'
import { usePolled } from '../api/polling.ts'
import { Moment } from '../time/moment.tsx'
import { type Milestone, milestones } from './milestones.ts'
import type { TabProps } from './server-tabs.tsx'

interface Job {
  readonly jobID: string
  readonly type: JobType
  readonly initiatedBy?: JobInitiatedBy
  readonly creationDateTime: string
  readonly endDateTime?: string
  readonly status: JobStatus
  readonly participatingServers: readonly {
    readonly sourceServerID: string
    readonly launchStatus: LaunchStatus
    readonly launchedEc2InstanceID?: string
  }[]
}

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
  { id: 'job', header: 'Job', cell: ({ jobID }) => jobID ?? '–' },
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
        { id: 'id', header: 'Job', isRowHeader: true, cell: ({ jobID }) => jobID },
        { id: 'type', header: 'Kind', cell: kindText },
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
          cell: (job) => partOf(job, sourceServerID)?.launchedEc2InstanceID ?? '–',
        },
      ]}
    />
  )
}

const KINDS: Readonly<Record<JobInitiatedBy, string>> = {
  START_TEST: 'Launch of a test instance',
  START_CUTOVER: 'Launch of a cutover instance',
  DIAGNOSTIC: 'Diagnosis',
  TERMINATE: 'Termination of an instance',
}

function kindText({ type, initiatedBy }: Job): string {
  return initiatedBy === undefined ? type : KINDS[initiatedBy]
}

const STATUSES: Readonly<Record<LaunchStatus, StatusIndicatorProps.Type>> = {
  PENDING: 'pending',
  IN_PROGRESS: 'in-progress',
  LAUNCHED: 'success',
  FAILED: 'error',
  TERMINATED: 'stopped',
}

function Status({ job, sourceServerID }: { readonly job: Job; readonly sourceServerID: string }) {
  const status = partOf(job, sourceServerID)?.launchStatus
  if (status === undefined) return job.status
  return <StatusIndicator type={STATUSES[status]}>{status}</StatusIndicator>
}

function partOf({ participatingServers }: Job, sourceServerID: string) {
  return participatingServers.find((part) => part.sourceServerID === sourceServerID)
}
