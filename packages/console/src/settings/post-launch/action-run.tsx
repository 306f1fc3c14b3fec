import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator'
import type { ActionRunState, ActionRunView } from '@landfall/model'
import { RefusableButton } from '../../shell/refusable-button.tsx'
import { Moment } from '../../time/moment.tsx'

const STATES: Readonly<Record<ActionRunState, readonly [StatusIndicatorProps.Type, string]>> = {
  WAITING: ['pending', 'Waits'],
  RUNNING: ['in-progress', 'Runs'],
  SUCCEEDED: ['success', 'Succeeded'],
  FAILED: ['error', 'Failed'],
}

interface ActionRunProps {
  readonly run: ActionRunView
  /** Why the user may not run it again. */
  readonly refusal: string | undefined
  readonly onRerun: () => void
}

/** One action on the instance, and when it is opened, what it wrote. */
export function ActionRun({ run, refusal, onRerun }: ActionRunProps) {
  const { actionName, state } = run
  const [type, words] = STATES[state]
  const isOpen = state === 'WAITING' || state === 'RUNNING'
  const reason = refusal ?? (isOpen ? 'It has not ended.' : undefined)
  return (
    <ExpandableSection
      variant="container"
      headerText={actionName}
      headingTagOverride="h3"
      headerInfo={<StatusIndicator type={type}>{words}</StatusIndicator>}
      headerActions={
        <RefusableButton ariaLabel={`Run again: ${actionName}`} refusal={reason} onClick={onRerun}>
          Run again
        </RefusableButton>
      }
    >
      <SpaceBetween size="m">
        <Facts run={run} />
        {run.steps.map((step) => (
          <div key={step.name}>
            <Box variant="h4">{`Step ${step.name}, exit status ${step.exitStatus}`}</Box>
            <Output name="Output" text={step.stdout} />
            <Output name="Errors" text={step.stderr} />
          </div>
        ))}
      </SpaceBetween>
    </ExpandableSection>
  )
}

function Facts({ run }: { readonly run: ActionRunView }) {
  const { attempt, startedAt, endedAt, failureReason, commandID, imageID } = run
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: 'Attempt', value: attempt },
        { label: 'Started', value: <Moment at={startedAt} /> },
        { label: 'Ended', value: <Moment at={endedAt} /> },
        {
          label: 'Must succeed for the cutover',
          value: run.mustSucceedForCutover ? 'Yes' : 'No',
        },
        ...(commandID === undefined ? [] : [{ label: 'SSM command', value: commandID }]),
        ...(imageID === undefined ? [] : [{ label: 'Image', value: imageID }]),
        ...(failureReason === undefined ? [] : [{ label: 'Failed because', value: failureReason }]),
      ]}
    />
  )
}

function Output({ name, text }: { readonly name: string; readonly text: string }) {
  if (text === '') return undefined
  return (
    <>
      <Box variant="awsui-key-label">{name}</Box>
      <pre style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', margin: 0 }}>{text}</pre>
    </>
  )
}
