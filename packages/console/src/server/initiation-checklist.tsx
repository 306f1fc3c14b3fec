import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import Steps, { type StepsProps } from '@cloudscape-design/components/steps'
import type { InitiationStep, InitiationStepStatus } from '@landfall/model'
import type { DataReplicationInfo } from '../api/source-server.ts'
import { Moment } from '../time/moment.tsx'

/** MGN's console's words. */
const STEP_WORDS: Readonly<Record<InitiationStep, string>> = {
  WAIT: 'Wait for the initiation',
  CREATE_SECURITY_GROUP: 'Create security group',
  LAUNCH_REPLICATION_SERVER: 'Launch replication server',
  BOOT_REPLICATION_SERVER: 'Boot replication server',
  AUTHENTICATE_WITH_SERVICE: 'Authenticate with service',
  DOWNLOAD_REPLICATION_SOFTWARE: 'Download replication software',
  CREATE_STAGING_DISKS: 'Create staging disks',
  ATTACH_STAGING_DISKS: 'Attach staging disks',
  PAIR_REPLICATION_SERVER_WITH_AGENT: 'Pair replication server with agent',
  CONNECT_AGENT_TO_REPLICATION_SERVER: 'Connect agent to replication server',
  START_DATA_TRANSFER: 'Start data transfer',
}

const STATUSES: Readonly<
  Record<InitiationStepStatus, { readonly type: StepsProps.Status; readonly words: string }>
> = {
  NOT_STARTED: { type: 'pending', words: 'Not started' },
  IN_PROGRESS: { type: 'in-progress', words: 'In progress' },
  SUCCEEDED: { type: 'success', words: 'Succeeded' },
  FAILED: { type: 'error', words: 'Failed' },
  SKIPPED: { type: 'not-started', words: 'Not needed here' },
}

/** The steps that replication begins with; open while one of them is not done. */
export function InitiationChecklist({ info }: { readonly info: DataReplicationInfo }) {
  const { steps = [], nextAttemptDateTime, startDateTime } = info.dataReplicationInitiation ?? {}
  if (steps.length === 0) return null
  const done = steps.filter(({ status }) => status === 'SUCCEEDED' || status === 'SKIPPED').length
  const isDone = done === steps.length
  return (
    <ExpandableSection
      // It opens by itself when replication is initiated anew.
      key={String(isDone)}
      variant="container"
      defaultExpanded={!isDone}
      headerText="Data replication initiation"
      headerCounter={`(${done}/${steps.length})`}
    >
      <Box color="text-body-secondary" padding={{ bottom: 's' }}>
        Begun <Moment at={startDateTime} />
      </Box>
      <Steps
        ariaLabel="Steps of the initiation"
        steps={steps.map(({ name, status }) => ({
          status: STATUSES[status].type,
          statusIconAriaLabel: STATUSES[status].words,
          header: STEP_WORDS[name],
          ...(status === 'FAILED' && {
            details: (
              <>
                {info.dataReplicationError?.rawError}{' '}
                {nextAttemptDateTime !== undefined && (
                  <>
                    Next attempt: <Moment at={nextAttemptDateTime} />.
                  </>
                )}
              </>
            ),
          }),
        }))}
      />
    </ExpandableSection>
  )
}
