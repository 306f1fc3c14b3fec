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
import { Moment } from '../time/moment.tsx'

/** What the service asks for at least (its passwords.ts); it says so itself for others. */
const CHARACTERS_MIN = 12

/** The password that the user signs in to the console with. */
export function Password({ userName }: { readonly userName: string }) {
  const refusal = usePermission()('landfall:GetUserPassword')
  const { data, error } = usePolled<{ readonly changedAt?: string }>(
    'landfall:GetUserPassword',
    { userName },
    { enabled: refusal === undefined },
  )
  const [asked, setAsked] = useState<'set' | 'remove'>()
  const end = () => setAsked(undefined)
  const changedAt = data?.changedAt
  return (
    <>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <PermittedButton
                  actions={['landfall:RemoveUserPassword']}
                  lacks={
                    data !== undefined && changedAt === undefined ? 'There is none.' : undefined
                  }
                  onClick={() => setAsked('remove')}
                >
                  Remove password
                </PermittedButton>
                <PermittedButton
                  actions={['landfall:SetUserPassword']}
                  onClick={() => setAsked('set')}
                >
                  Set password
                </PermittedButton>
              </SpaceBetween>
            }
          >
            Password for the console
          </Header>
        }
      >
        {refusal ?? error?.message ?? (
          <Box>
            {changedAt === undefined ? (
              'None. The user can sign in with an access key.'
            ) : (
              <>
                Set <Moment at={changedAt} />. It is kept as a hash that nobody can read.
              </>
            )}
          </Box>
        )}
      </Container>
      {asked === 'set' && <SetPasswordDialog userName={userName} onEnd={end} />}
      {asked === 'remove' && (
        <ConfirmDialog
          onEnd={end}
          text={`Remove the password of ${userName}`}
          verb="Remove"
          done={`${userName} has no password any more`}
          effect="Whoever is signed in with it is signed out. Access keys stay."
          undo={{ possible: true, how: 'Set another.' }}
          run={() => call('landfall:RemoveUserPassword', { userName })}
        />
      )}
    </>
  )
}

interface SetPasswordDialogProps {
  readonly userName: string
  readonly onEnd: () => void
}

function SetPasswordDialog({ userName, onEnd }: SetPasswordDialogProps) {
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const isOther = again !== '' && again !== password
  return (
    <Dialog
      header={`Set the password of ${userName}`}
      verb="Set"
      done={`${userName} signs in with the new password`}
      lacks={again === password && password !== '' ? undefined : 'Type the password twice.'}
      onEnd={onEnd}
      run={() => call('landfall:SetUserPassword', { userName, password })}
    >
      <Box>Whoever is signed in with an earlier one is signed out.</Box>
      <FormField label="Password" constraintText={`At least ${CHARACTERS_MIN} characters.`}>
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={({ detail }) => setPassword(detail.value)}
        />
      </FormField>
      <FormField label="Password again" errorText={isOther ? 'This is not the same.' : undefined}>
        <Input
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={({ detail }) => setAgain(detail.value)}
        />
      </FormField>
    </Dialog>
  )
}
