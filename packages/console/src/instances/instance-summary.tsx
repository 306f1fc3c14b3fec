import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import KeyValuePairs, {
  type KeyValuePairsProps,
} from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { InstanceDetails } from '@landfall/model'
import { Indicated } from '../launches/job-servers.tsx'
import { PageLink } from '../shell/page-link.tsx'
import { Moment } from '../time/moment.tsx'
import { firstBootStatus, PURPOSES, STATES } from './instance-words.ts'

/** What the instance is, how it is, and where it came from. */
export function InstanceSummary({ instance }: { readonly instance: InstanceDetails }) {
  return (
    <Container>
      <SpaceBetween size="m">
        {instance.notes.length > 0 && (
          <Alert type="info" header="It is less than was asked for">
            {instance.notes.join(' ')}
          </Alert>
        )}
        <KeyValuePairs
          columns={4}
          items={[...howItIs(instance), ...originOf(instance), ...whatItIs(instance)]}
        />
      </SpaceBetween>
    </Container>
  )
}

function howItIs(instance: InstanceDetails): KeyValuePairsProps.Item[] {
  const { state, detail, firstBootDateTime } = instance
  return [
    {
      label: 'State',
      value: (
        <>
          <Indicated status={STATES[state]} />
          {detail !== undefined && (
            <Box variant="small" display="block">
              {detail}
            </Box>
          )}
        </>
      ),
    },
    {
      label: 'First boot',
      value: (
        <>
          <Indicated status={firstBootStatus(instance)} />{' '}
          {firstBootDateTime !== undefined && <Moment at={firstBootDateTime} />}
        </>
      ),
    },
  ]
}

function originOf(instance: InstanceDetails): KeyValuePairsProps.Item[] {
  const { sourceServerID, sourceServerName, purpose, jobID } = instance
  return [
    {
      label: 'Source server',
      value:
        sourceServerName === undefined ? (
          `${sourceServerID} (deleted)`
        ) : (
          <PageLink to={`/source-servers/${sourceServerID}`}>{sourceServerName}</PageLink>
        ),
    },
    { label: 'Purpose', value: PURPOSES[purpose] },
    { label: 'Its source as of', value: <Moment at={instance.pointTakenDateTime} /> },
    { label: 'Launched', value: <Moment at={instance.createdDateTime} /> },
    {
      label: 'Launched by',
      value:
        purpose === 'REHEARSAL' ? (
          'A rehearsal'
        ) : (
          <PageLink to={`/launch-history/${jobID}`}>{jobID}</PageLink>
        ),
    },
  ]
}

function whatItIs(instance: InstanceDetails): KeyValuePairsProps.Item[] {
  const disks = instance.disks.map(({ deviceName }) => deviceName).join(', ') || '–'
  return [
    { label: 'Host name', value: instance.hostname ?? '–' },
    { label: 'Type', value: instance.instanceType ?? '–' },
    { label: 'Firmware', value: instance.firmware === 'uefi' ? 'UEFI' : 'BIOS' },
    { label: 'Termination protection', value: instance.terminationProtection ? 'On' : 'Off' },
    {
      label: 'Disks',
      value: instance.independent ? `${disks}, independent of the staging area` : disks,
    },
  ]
}
