import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Form from '@cloudscape-design/components/form'
import FormField from '@cloudscape-design/components/form-field'
import Grid from '@cloudscape-design/components/grid'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { type ApiError, send } from '../api/call.ts'
import type { Session } from './session.ts'

/** What one signs in with: the words for its two parts, and their names in the call. */
const WAYS = {
  accessKey: {
    text: 'Access key',
    name: { label: 'Access key ID', member: 'accessKeyId' },
    secret: { label: 'Secret access key', member: 'secretAccessKey' },
  },
  password: {
    text: 'User and password',
    name: { label: 'User name', member: 'userName' },
    secret: { label: 'Password', member: 'password' },
  },
} as const

type Way = keyof typeof WAYS

interface SignInProps {
  readonly onSignedIn: (session: Session) => void
  readonly hasExpired: boolean
  /** Why nobody knows whether somebody is signed in. */
  readonly notice?: string
}

export function SignInPage({ onSignedIn, hasExpired, notice }: SignInProps) {
  const [way, setWay] = useState<Way>('accessKey')
  const [name, setName] = useState('')
  const [secret, setSecret] = useState('')
  const words = WAYS[way]
  const signIn = useMutation<Session, ApiError>({
    mutationFn: () =>
      send<Session>('POST', '/console/session', {
        body: { [words.name.member]: name.trim(), [words.secret.member]: secret },
      }),
    onSuccess: onSignedIn,
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (name !== '' && secret !== '') signIn.mutate()
  }
  return (
    <Box padding={{ top: 'xxxl', horizontal: 'm' }}>
      <Grid gridDefinition={[{ colspan: { default: 12, s: 6, m: 4 }, offset: { s: 3, m: 4 } }]}>
        <main>
          <form onSubmit={submit}>
            <Form
              header={<Header variant="h1">Sign in to Landfall</Header>}
              actions={
                <Button variant="primary" formAction="submit" loading={signIn.isPending}>
                  Sign in
                </Button>
              }
            >
              <Container>
                <SpaceBetween size="l">
                  {notice !== undefined && <Alert type="warning">{notice}</Alert>}
                  {hasExpired && <Alert type="info">Your session has ended. Sign in again.</Alert>}
                  {signIn.error && <Alert type="error">{signIn.error.message}</Alert>}
                  <SegmentedControl
                    label="Sign in with"
                    selectedId={way}
                    onChange={({ detail }) => setWay(detail.selectedId as Way)}
                    options={Object.entries(WAYS).map(([id, { text }]) => ({ id, text }))}
                  />
                  <FormField label={words.name.label}>
                    <Input
                      value={name}
                      onChange={({ detail }) => setName(detail.value)}
                      autoComplete="username"
                      autoFocus
                    />
                  </FormField>
                  <FormField label={words.secret.label}>
                    <Input
                      value={secret}
                      type="password"
                      onChange={({ detail }) => setSecret(detail.value)}
                      autoComplete="current-password"
                    />
                  </FormField>
                  <Box variant="small">
                    <code>landfall up</code> printed where the administrator’s access key is.
                  </Box>
                </SpaceBetween>
              </Container>
            </Form>
          </form>
        </main>
      </Grid>
    </Box>
  )
}
