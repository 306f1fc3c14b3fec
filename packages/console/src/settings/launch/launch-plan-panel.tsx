import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs, {
  type KeyValuePairsProps,
} from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import {
  firmwareText,
  type LaunchPlanView,
  type LaunchPurpose,
  type NetworkPlan,
} from '@landfall/model'
import { usePolled } from '../../api/polling.ts'
import { Loaded } from '../loaded.tsx'
import { diskLimitWords, interfaceWords } from './launch-plan.ts'

const WORDS: Readonly<Record<LaunchPurpose, { readonly header: string; readonly what: string }>> = {
  TEST: { header: 'Test launch, as it would be now', what: 'the plan of the test launch' },
  CUTOVER: { header: 'Cutover launch, as it would be now', what: 'the plan of the cutover launch' },
}

interface LaunchPlanPanelProps {
  readonly sourceServerID: string
  readonly purpose: LaunchPurpose
}

/** What the saved settings come to, and all that would refuse the launch. */
export function LaunchPlanPanel({ sourceServerID, purpose }: LaunchPlanPanelProps) {
  const { header, what } = WORDS[purpose]
  const query = usePolled<LaunchPlanView>('landfall:GetLaunchPlan', { sourceServerID, purpose })
  return (
    <Container header={<Header variant="h2">{header}</Header>}>
      <Loaded query={query} what={what}>
        {(plan) => <Plan plan={plan} />}
      </Loaded>
    </Container>
  )
}

function Plan({ plan }: { readonly plan: LaunchPlanView }) {
  return (
    <SpaceBetween size="m">
      <Verdict plan={plan} />
      <KeyValuePairs columns={1} items={[typeOf(plan), ...otherPairs(plan)]} />
    </SpaceBetween>
  )
}

/** What speaks against the launch: of its settings, and of the moment. */
function Verdict({ plan: { refusal, problems, notes } }: { readonly plan: LaunchPlanView }) {
  const ofSettings = problems.filter((problem) => problem !== refusal)
  return (
    <SpaceBetween size="s">
      {ofSettings.length === 0 && (
        <StatusIndicator type="success">The settings can be carried out</StatusIndicator>
      )}
      {ofSettings.map((problem) => (
        <Alert key={problem} type="error">
          {problem}
        </Alert>
      ))}
      {refusal !== undefined && (
        <Alert type="info" header="Not at this moment">
          {refusal}
        </Alert>
      )}
      {notes.map((note) => (
        <Alert key={note} type="warning">
          {note}
        </Alert>
      ))}
    </SpaceBetween>
  )
}

function typeOf(plan: LaunchPlanView): KeyValuePairsProps.Pair {
  const { instanceType, vcpus, memoryMiB, typeReason, rightSizing } = plan
  const size =
    vcpus === undefined || memoryMiB === undefined
      ? ''
      : `: ${vcpus} vCPUs, ${memoryMiB / 1024} GiB of memory`
  const isOther = rightSizing !== undefined && rightSizing.instanceType !== instanceType
  return {
    label: 'Instance type',
    value: (
      <>
        <Box fontWeight="bold">{instanceType + size}</Box>
        <Box color="text-body-secondary">{typeReason}</Box>
        {isOther && (
          <Box color="text-body-secondary">
            Right sizing would choose {rightSizing.instanceType}. {rightSizing.reason}
          </Box>
        )}
      </>
    ),
  }
}

function otherPairs(plan: LaunchPlanView): KeyValuePairsProps.Pair[] {
  const { network, disks, tags, start, terminationProtection, removes } = plan
  const tagTexts = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  return [
    { label: 'Firmware', value: firmwareText(plan) },
    { label: 'After its launch', value: start ? 'Started' : 'Stopped' },
    {
      label: 'Network',
      value: network === undefined ? 'Cannot be planned' : <Lines lines={networkLines(network)} />,
    },
    {
      label: 'Disks',
      value: <Lines lines={disks.map((disk) => `${disk.deviceName}: ${diskLimitWords(disk)}`)} />,
    },
    { label: 'Tags', value: <Lines lines={tagTexts} /> },
    { label: 'Termination protection', value: terminationProtection ? 'On' : 'Off' },
    { label: 'Removes first', value: removes.join(', ') || 'Nothing' },
  ]
}

function networkLines({ network, interfaces }: NetworkPlan): string[] {
  return [`${network.name} (${network.kind})`, ...interfaces.map(interfaceWords)]
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return '–'
  return lines.map((line) => <div key={line}>{line}</div>)
}
