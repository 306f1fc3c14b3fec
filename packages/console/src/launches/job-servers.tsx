import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { JobLogItem } from '@landfall/model'
import type { Job, JobServer } from '../api/job.ts'
import { PageLink } from '../shell/page-link.tsx'
import { failureOf, presentStep, stepsOf } from './job-steps.ts'
import { actionsStatus, launchStatusOf, type Status } from './job-words.ts'

interface JobServersProps {
  readonly job: Job
  readonly log: readonly JobLogItem[]
  readonly nameOf: (sourceServerID: string) => string
  readonly chosen: JobServer | undefined
  readonly onChoose: (sourceServerID: string) => void
}

/** What the job does with each of its servers, and where it is with it. */
export function JobServers({ job, log, nameOf, chosen, onChoose }: JobServersProps) {
  const rows = job.participatingServers.map((server) => {
    const steps = stepsOf(job, server, log)
    return { ...server, step: presentStep(steps), failure: failureOf(server, steps) }
  })
  return (
    <Table
      variant="container"
      trackBy="sourceServerID"
      items={rows}
      selectionType="single"
      selectedItems={rows.filter(({ sourceServerID }) => sourceServerID === chosen?.sourceServerID)}
      onSelectionChange={({ detail }) => {
        const [first] = detail.selectedItems
        if (first !== undefined) onChoose(first.sourceServerID)
      }}
      ariaLabels={{
        tableLabel: 'Servers of the job',
        selectionGroupLabel: 'Choice of a server',
        itemSelectionLabel: (_, { sourceServerID }) =>
          `Show the steps of ${nameOf(sourceServerID)}`,
      }}
      header={
        <Header
          variant="h2"
          counter={`(${rows.length})`}
          {...(rows.length > 1 && { description: 'Choose one to see its steps and its log.' })}
        >
          Servers
        </Header>
      }
      empty={
        <Box textAlign="center" color="inherit">
          The servers of this job were deleted.
        </Box>
      }
      columnDefinitions={[
        {
          id: 'server',
          header: 'Source server',
          isRowHeader: true,
          cell: ({ sourceServerID: id }) => (
            <PageLink to={`/source-servers/${id}`}>{nameOf(id)}</PageLink>
          ),
        },
        {
          id: 'status',
          header: 'Launch status',
          cell: ({ launchStatus }) => <Indicated status={launchStatusOf(launchStatus)} />,
        },
        { id: 'step', header: 'Step', cell: ({ step }) => step?.text ?? '–' },
        {
          id: 'instance',
          header: 'Instance',
          cell: ({ launchedEc2InstanceID: id }) =>
            id === undefined ? '–' : <PageLink to={`/instances/${id}`}>{id}</PageLink>,
        },
        {
          id: 'actions',
          header: 'Post-launch actions',
          cell: (server) => <Indicated status={actionsStatus(server)} />,
        },
        { id: 'failure', header: 'Failure', cell: ({ failure }) => failure?.cause ?? '–' },
      ]}
      wrapLines
    />
  )
}

export function Indicated({ status }: { readonly status: Status | undefined }) {
  if (status === undefined) return '–'
  return <StatusIndicator type={status.type}>{status.text}</StatusIndicator>
}
