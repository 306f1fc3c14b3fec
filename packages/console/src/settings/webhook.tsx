import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { Dialog } from '../dialogs/dialog.tsx'
import { SecretAlert } from '../shell/secret-alert.tsx'
import { InstallationSetting } from './installation-setting.tsx'

interface WebhookState {
  readonly url: string | null
  readonly waitingEvents: number
  readonly lastError?: string
}

interface NewWebhook {
  readonly url: string
  readonly secret: string
}

const UPDATE = 'landfall:UpdateWebhook'

/** Where events are posted. */
export function Webhook() {
  const [made, setMade] = useState<NewWebhook>()
  return (
    <SpaceBetween size="l">
      {made !== undefined && (
        <SecretAlert
          header={`Events are posted to ${made.url}`}
          remedy="set the address again, with a new one."
          values={[{ label: 'Secret', text: made.secret }]}
          onDismiss={() => setMade(undefined)}
        />
      )}
      <InstallationSetting<WebhookState>
        header="Webhook for events"
        description="A server’s first readiness for a test, the result of each launch, and replication that stalls or goes on."
        read="landfall:GetWebhook"
        update={UPDATE}
        isSet={({ url }) => url !== null}
        show={(webhook) => <State {...webhook} />}
        setText="Set webhook"
        setDialog={(_, onEnd) => <SetDialog onMade={setMade} onEnd={onEnd} />}
        endDeed={{
          text: 'Remove webhook',
          verb: 'Remove',
          done: 'Events are posted nowhere',
          effect: 'Events are still written to logs/events.log of the service’s data directory.',
          undo: { possible: true, how: 'Set it again. It gets another secret.' },
          run: async () => {
            await call(UPDATE, { url: null })
            setMade(undefined)
          },
        }}
      />
    </SpaceBetween>
  )
}

function State({ url, waitingEvents, lastError }: WebhookState) {
  if (url === null) return <Box>Events are posted nowhere.</Box>
  return (
    <SpaceBetween size="s">
      <Box>Events are posted to {url}.</Box>
      {waitingEvents > 0 && (
        <Alert type={lastError === undefined ? 'info' : 'warning'}>
          {waitingEvents === 1 ? 'One event waits' : `${waitingEvents} events wait`} to be posted
          {lastError === undefined ? '.' : `: ${lastError}`}
        </Alert>
      )}
    </SpaceBetween>
  )
}

interface SetDialogProps {
  readonly onMade: (webhook: NewWebhook) => void
  readonly onEnd: () => void
}

function SetDialog({ onMade, onEnd }: SetDialogProps) {
  const [url, setURL] = useState('')
  return (
    <Dialog
      header="Set the webhook"
      verb="Set"
      done={`Events are posted to ${url}`}
      lacks={url === '' ? 'Enter its address.' : undefined}
      onEnd={onEnd}
      run={async () => onMade(await call<NewWebhook>(UPDATE, { url }))}
    >
      <Box>It takes the place of the one before. What is posted is signed with a new secret.</Box>
      <FormField label="Address" constraintText="https://… or http://…">
        <Input value={url} inputMode="url" onChange={({ detail }) => setURL(detail.value.trim())} />
      </FormField>
    </Dialog>
  )
}
