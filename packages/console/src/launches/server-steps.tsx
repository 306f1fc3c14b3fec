import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Steps from '@cloudscape-design/components/steps'
import type { JobLogItem } from '@landfall/model'
import type { Job, JobServer, LaunchedAction } from '../api/job.ts'
import { usePolled } from '../api/polling.ts'
import type { SourceServer } from '../api/source-server.ts'
import { ServerActions } from '../servers/server-actions.tsx'
import { PageLink } from '../shell/page-link.tsx'
import { durationText } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import { failureOf, type JobStep, type LaunchFailure, stepsOf } from './job-steps.ts'
import type { Indication } from './job-words.ts'

interface ServerStepsProps {
  readonly job: Job
  readonly server: JobServer
  readonly log: readonly JobLogItem[]
  readonly nameOf: (sourceServerID: string) => string
}

/** How the job goes with one server, why it failed, and what can be done with the server now. */
export function ServerSteps({ job, server, log, nameOf }: ServerStepsProps) {
  const { sourceServerID, postLaunchActionsStatus } = server
  const steps = stepsOf(job, server, log)
  const failure = failureOf(server, steps)
  const name = nameOf(sourceServerID)
  const actions = postLaunchActionsStatus?.postLaunchActionsLaunchStatusList ?? []
  return (
    <Container
      header={
        <Header variant="h2" actions={<ActionsOf sourceServerID={sourceServerID} />}>
          Steps of {name}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {failure !== undefined && <Failure failure={failure} sourceServerID={sourceServerID} />}
        <Steps
          ariaLabel={`Steps of ${name}`}
          steps={[
            ...steps.map((step) => ({
              status: step.status,
              statusIconAriaLabel: STATUS_WORDS[step.status],
              header: step.text,
              details: <StepDetails step={step} />,
            })),
            ...actions.map(actionStep),
          ]}
        />
      </SpaceBetween>
    </Container>
  )
}

const STATUS_WORDS: Readonly<Record<Indication, string>> = {
  success: 'Done',
  'in-progress': 'In progress',
  pending: 'Waits',
  warning: 'Done otherwise',
  error: 'Failed',
  stopped: 'Not done',
  info: 'Information',
}

function StepDetails({ step }: { readonly step: JobStep }) {
  const { startedAt, endedAt, attempt, note, error } = step
  return (
    <Box color="text-body-secondary">
      <SpaceBetween size="xxs">
        {startedAt !== undefined && (
          <span>
            <Moment at={startedAt} />
            {endedAt !== undefined && `, took ${durationText(startedAt, endedAt)}`}
            {attempt !== undefined && attempt.count > 1 && (
              <>{`, attempt ${attempt.count} of ${attempt.max}`}</>
            )}
          </span>
        )}
        {note !== undefined && <span>{note}.</span>}
        {error !== undefined && <span>{error}</span>}
      </SpaceBetween>
    </Box>
  )
}

/** F: what runs in the instance after its launch. The job does not wait for it. */
function actionStep({ ssmDocument, executionStatus, failureReason }: LaunchedAction) {
  const status = ({ IN_PROGRESS: 'in-progress', SUCCESS: 'success', FAILED: 'error' } as const)[
    executionStatus
  ]
  const mustSucceed = ssmDocument.mustSucceedForCutover === true
  return {
    status,
    statusIconAriaLabel: STATUS_WORDS[status],
    header: `F Post-launch action ${ssmDocument.actionName}`,
    details: (
      <Box color="text-body-secondary">
        {failureReason ?? (mustSucceed && 'Must succeed before the cutover is finalised.')}
      </Box>
    ),
  }
}

interface FailureProps {
  readonly failure: LaunchFailure
  readonly sourceServerID: string
}

function Failure({ failure: { step, cause, remedy }, sourceServerID }: FailureProps) {
  return (
    <Alert type="error" header={`${step}: failed`}>
      <SpaceBetween size="xs">
        <Box color="inherit">
          <b>Cause:</b> {cause}
        </Box>
        <Box color="inherit">
          <b>Remedy:</b> {remedy}{' '}
          <PageLink to={`/source-servers/${sourceServerID}`}>Open the server</PageLink>
        </Box>
      </SpaceBetween>
    </Alert>
  )
}

/** The menus of the server as it is now: another launch, termination, archiving. */
function ActionsOf({ sourceServerID }: { readonly sourceServerID: string }) {
  const { data } = usePolled<SourceServer>('landfall:GetSourceServer', { sourceServerID })
  if (data === undefined) return undefined
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <ServerActions servers={[data]} />
    </SpaceBetween>
  )
}
