import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Steps, { type StepsProps } from '@cloudscape-design/components/steps'
import type { NextStep, ServerAction } from '@landfall/model'
import { useState } from 'react'
import type { SourceServer } from '../api/source-server.ts'
import { ActionDialog } from '../servers/action-dialog.tsx'
import { ACTION_GROUPS } from '../servers/actions.ts'
import { LIFECYCLE_WORDS, NEXT_STEP_WORDS } from '../servers/words.ts'
import { usePermission } from '../session/session.ts'
import { useNarrow } from '../shell/narrow.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { type Passage, passages } from './lifecycle-path.ts'

const PASSAGES: Readonly<
  Record<Passage, { readonly status: StepsProps.Status; readonly words: string }>
> = {
  done: { status: 'success', words: 'Done' },
  current: { status: 'in-progress', words: 'Current' },
  ahead: { status: 'pending', words: 'Not yet' },
}

/** The steps of the migration with the one it is at, and what to do next. */
export function Lifecycle({ server }: { readonly server: SourceServer }) {
  const isNarrow = useNarrow()
  const { state } = server.lifeCycle
  const steps = passages(state)
  const isOnWay = steps.some(([, passage]) => passage === 'current')
  return (
    <Container header={<Header variant="h2">Migration lifecycle</Header>}>
      <SpaceBetween size="m">
        {!isOnWay && <Alert type="info">The server is “{LIFECYCLE_WORDS[state]}”.</Alert>}
        <Steps
          ariaLabel="Migration lifecycle"
          orientation={isNarrow ? 'vertical' : 'horizontal'}
          steps={steps.map(([step, passage]) => ({
            status: PASSAGES[passage].status,
            statusIconAriaLabel: PASSAGES[passage].words,
            header:
              passage === 'current' ? (
                <b aria-current="step">{LIFECYCLE_WORDS[step]}</b>
              ) : (
                LIFECYCLE_WORDS[step]
              ),
          }))}
        />
        <Next server={server} />
      </SpaceBetween>
    </Container>
  )
}

/** The operation that a next step is. */
const ACTIONS: Partial<Readonly<Record<NextStep, ServerAction>>> = {
  START_REPLICATION: 'StartReplication',
  RESUME_REPLICATION: 'ResumeReplication',
  RESOLVE_STALL: 'RetryDataReplication',
  LAUNCH_TEST_INSTANCE: 'StartTest',
  MARK_READY_FOR_CUTOVER: 'MarkReadyForCutover',
  LAUNCH_CUTOVER_INSTANCE: 'StartCutover',
  FINALIZE_CUTOVER: 'FinalizeCutover',
  MARK_AS_ARCHIVED: 'MarkAsArchived',
}

/** What a step comes to where there is no button for it, or before it is pressed. */
const HINTS: Partial<Readonly<Record<NextStep, string>>> = {
  INSTALL_AGENT: 'Run the installer on the server: replication begins by itself.',
  WAIT_FOR_INITIAL_SYNC: 'The server can be tested as soon as everything was copied once.',
  RESOLVE_STALL: 'Data replication below says the cause and the remedy; then try again.',
  NONE: 'Nothing is left to do.',
}

function Next({ server }: { readonly server: SourceServer }) {
  const [isAsked, setIsAsked] = useState(false)
  const permission = usePermission()
  const { nextStep } = server
  const action = ACTION_GROUPS.flatMap(({ actions }) => actions).find(
    ({ event }) => event === ACTIONS[nextStep],
  )
  const reason = action && (permission(action.permission) ?? server.refusals[action.event])
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">Next step: {NEXT_STEP_WORDS[nextStep]}</Box>
      <Box color="text-body-secondary">{HINTS[nextStep] ?? action?.effect}</Box>
      {action && (
        <RefusableButton variant="primary" refusal={reason} onClick={() => setIsAsked(true)}>
          {action.text}
        </RefusableButton>
      )}
      {action && isAsked && (
        <ActionDialog action={action} servers={[server]} onEnd={() => setIsAsked(false)} />
      )}
    </SpaceBetween>
  )
}
