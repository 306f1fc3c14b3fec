import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { Dialog } from '../dialogs/dialog.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'
import { SecretAlert } from '../shell/secret-alert.tsx'

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
  const refusal = usePermission()('landfall:GetWebhook')
  const { data, error } = usePolled<WebhookState>(
    'landfall:GetWebhook',
    {},
    { enabled: refusal === undefined },
  )
  const [made, setMade] = useState<NewWebhook>()
  const [asked, setAsked] = useState<'set' | 'end'>()
  const end = () => setAsked(undefined)
  const lacks = data?.url === null ? 'There is none.' : undefined
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
      <Container
        header={
          <Header
            variant="h2"
            description="A server’s first readiness for a test, the result of each launch, and replication that stalls or goes on."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <PermittedButton actions={[UPDATE]} lacks={lacks} onClick={() => setAsked('end')}>
                  Remove webhook
                </PermittedButton>
                <PermittedButton actions={[UPDATE]} onClick={() => setAsked('set')}>
                  Set webhook
                </PermittedButton>
              </SpaceBetween>
            }
          >
            Webhook for events
          </Header>
        }
      >
        {refusal ?? error?.message ?? (data && <State {...data} />)}
      </Container>
      {asked === 'set' && <SetDialog onMade={setMade} onEnd={end} />}
      {asked === 'end' && (
        <ConfirmDialog
          text="Remove the webhook"
          verb="Remove"
          done="Events are posted nowhere"
          effect="Events are still written to logs/events.log of the service’s data directory."
          undo={{ possible: true, how: 'Set it again. It gets another secret.' }}
          run={async () => {
            await call(UPDATE, { url: null })
            setMade(undefined)
          }}
          onEnd={end}
        />
      )}
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
