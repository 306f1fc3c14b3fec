import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useParams } from 'react-router'
import type { Job } from '../api/job.ts'
import { usePolled } from '../api/polling.ts'
import { Breadcrumbs } from '../shell/breadcrumbs.tsx'
import { useUrlParam } from '../shell/url-parameters.ts'
import { durationText } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import { JobLog } from './job-log.tsx'
import { JobServers } from './job-servers.tsx'
import { initiatedByText, JOB_TYPE_WORDS, jobStatus } from './job-words.ts'
import { ServerSteps } from './server-steps.tsx'
import { useJobLog } from './use-job-log.ts'
import { useServerNames } from './use-server-names.ts'

const LIST = { text: 'Launch history', path: '/launch-history' }

/** One job: what it does with each of its servers, and its log as it happens. */
export function JobPage() {
  const { jobID = '' } = useParams()
  const { data, error } = usePolled<{ readonly items: readonly Job[] }>('mgn:DescribeJobs', {
    filters: { jobIDs: [jobID] },
  })
  const job = data?.items.find((one) => one.jobID === jobID)
  return (
    <ContentLayout
      breadcrumbs={<Breadcrumbs list={LIST} page={jobID} />}
      header={<Header variant="h1">Job {jobID}</Header>}
    >
      <SpaceBetween size="l">
        {error && <Alert type="error">{error.message}</Alert>}
        {job !== undefined && <OneJob key={jobID} job={job} />}
        {job === undefined && data !== undefined && (
          <Alert type="warning" header="There is no such job">
            It may have been deleted, or its address is not whole. The launch history has all jobs
            that there are.
          </Alert>
        )}
        {!data && !error && <Spinner size="large" />}
      </SpaceBetween>
    </ContentLayout>
  )
}

function OneJob({ job }: { readonly job: Job }) {
  const log = useJobLog(job.jobID, job.status !== 'COMPLETED')
  const items = log.data ?? []
  const servers = job.participatingServers
  const nameOf = useServerNames(servers.map(({ sourceServerID }) => sourceServerID))
  const [chosenID, choose] = useUrlParam('server')
  const chosen =
    servers.find(({ sourceServerID }) => sourceServerID === chosenID) ??
    (servers.length === 1 ? servers[0] : undefined)
  return (
    <SpaceBetween size="l">
      <Summary job={job} />
      {log.error && <Alert type="error">{log.error.message}</Alert>}
      <JobServers {...{ job, nameOf, chosen }} log={items} onChoose={choose} />
      {chosen !== undefined && (
        <ServerSteps {...{ job, nameOf }} server={chosen} log={items} key={chosen.sourceServerID} />
      )}
      <JobLog
        log={items}
        isPending={log.isPending}
        isOpen={job.status !== 'COMPLETED'}
        nameOf={nameOf}
        onlyServerID={servers.length > 1 ? chosen?.sourceServerID : undefined}
        onShowAll={() => choose(undefined)}
      />
    </SpaceBetween>
  )
}

function Summary({ job }: { readonly job: Job }) {
  const { type, text } = jobStatus(job)
  const { creationDateTime, endDateTime } = job
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Status', value: <StatusIndicator type={type}>{text}</StatusIndicator> },
          { label: 'Type', value: JOB_TYPE_WORDS[job.type] },
          { label: 'Initiated by', value: initiatedByText(job) },
          { label: 'Servers', value: job.participatingServers.length },
          { label: 'Started', value: <Moment at={creationDateTime} /> },
          { label: 'Ended', value: <Moment at={endDateTime} /> },
          {
            label: endDateTime === undefined ? 'Goes on for' : 'Took',
            value: durationText(creationDateTime, endDateTime ?? new Date().toISOString()),
          },
        ]}
      />
    </Container>
  )
}
