import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError } from '../api/call.ts'
import { PermittedButton } from '../session/permitted-button.tsx'
import { useSession } from '../session/session.ts'
import { Moment } from '../time/moment.tsx'
import type { NewKey } from '../users/identity.ts'
import { installerName, newInstallerKey, temporaryCredentials } from './credentials.ts'

type Way = 'own' | 'new' | 'temporary'

const WAYS: readonly {
  readonly value: Way
  readonly label: string
  readonly description: string
}[] = [
  {
    value: 'own',
    label: 'A key that I have',
    description: 'The installer asks for it, or there is a place for it in the commands.',
  },
  {
    value: 'temporary',
    label: 'Temporary credentials',
    description: 'They can install agents for an hour, and nothing else.',
  },
  {
    value: 'new',
    label: 'A new access key',
    description: 'Of a new user who can install agents, and nothing else, until you delete it.',
  },
]

interface CredentialsFormProps {
  /** Undefined: a way was chosen that has none yet. */
  readonly onKey: (key: NewKey | undefined) => void
}

/** What the installer proves with that it may install. The agent does not keep it. */
export function CredentialsForm({ onKey }: CredentialsFormProps) {
  const { session } = useSession()
  const queries = useQueryClient()
  const [way, setWay] = useState<Way>('own')
  // Kept beside each other: who looks at another way does not lose what is told once.
  const [made, setMade] = useState<Partial<Record<Way, NewKey>>>({})
  const newKey = made[way]
  const [userName, setUserName] = useState(() => installerName(new Date()))
  const making = useMutation<NewKey, ApiError>({
    mutationFn: () => (way === 'new' ? newInstallerKey(userName) : temporaryCredentials(session)),
    onSuccess: (key) => {
      setMade({ ...made, [way]: key })
      onKey(key)
    },
    onSettled: () => queries.invalidateQueries(),
  })
  const choose = (chosen: Way) => {
    setWay(chosen)
    making.reset()
    onKey(made[chosen])
  }
  return (
    <Container header={<Header variant="h2">Permission to install</Header>}>
      <SpaceBetween size="m">
        <RadioGroup
          ariaLabel="Permission to install"
          value={way}
          items={[...WAYS]}
          onChange={({ detail }) => choose(detail.value as Way)}
        />
        {way === 'new' && (
          <FormField label="User name" constraintText="Nobody may have it yet.">
            <Input
              value={userName}
              disabled={newKey !== undefined}
              onChange={({ detail }) => setUserName(detail.value.trim())}
            />
          </FormField>
        )}
        {way === 'new' && (
          <PermittedButton
            actions={['iam:CreateUser', 'iam:AttachUserPolicy', 'iam:CreateAccessKey']}
            lacks={newKey === undefined ? undefined : 'It is in the commands below.'}
            loading={making.isPending}
            onClick={() => making.mutate()}
          >
            Create access key
          </PermittedButton>
        )}
        {way === 'temporary' && (
          <PermittedButton
            actions={['sts:AssumeRole']}
            loading={making.isPending}
            onClick={() => making.mutate()}
          >
            Get temporary credentials
          </PermittedButton>
        )}
        {making.error && <Alert type="error">{making.error.message}</Alert>}
        {newKey !== undefined && <KeyMade newKey={newKey} />}
      </SpaceBetween>
    </Container>
  )
}

function KeyMade({ newKey: { accessKeyId, userName, expiresAt } }: { readonly newKey: NewKey }) {
  return (
    <Alert type="success" header={`${accessKeyId} is in the commands below`}>
      {expiresAt === undefined ? (
        <>
          Its secret is shown until you leave this page, and never again. Delete user {userName}
          when all servers are added.
        </>
      ) : (
        <>
          It works until <Moment at={expiresAt} />.
        </>
      )}
    </Alert>
  )
}
