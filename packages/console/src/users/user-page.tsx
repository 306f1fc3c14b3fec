import Alert from '@cloudscape-design/components/alert'
import ContentLayout from '@cloudscape-design/components/content-layout'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { Readable } from '../session/readable.tsx'
import { useSession } from '../session/session.ts'
import { PageLink } from '../shell/page-link.tsx'
import { AccessKeys } from './access-keys.tsx'
import { AttachedPolicies } from './attached-policies.tsx'
import { removeUser } from './create-user.ts'
import type { User } from './identity.ts'
import { OwnPolicies } from './own-policies.tsx'
import { Password } from './password.tsx'

/** One user: what lets them in, and what they may do. */
export function UserPage() {
  const { name = '' } = useParams()
  return (
    <Readable title={name} action="iam:GetUser">
      <OneUser userName={name} />
    </Readable>
  )
}

function OneUser({ userName }: { readonly userName: string }) {
  const { session } = useSession()
  const { data, error, isPending } = usePolled<{ readonly User: User }>('iam:GetUser', {
    UserName: userName,
  })
  const isSelf = session.userName === userName
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={data?.User.Arn}
          actions={data !== undefined && <DeleteUser userName={userName} isSelf={isSelf} />}
        >
          {userName}
        </Header>
      }
    >
      {data === undefined ? (
        isPending ? (
          <Spinner size="large" />
        ) : (
          <Alert type="error">
            {error?.message} <PageLink to="/users">All users</PageLink>
          </Alert>
        )
      ) : (
        <SpaceBetween size="l">
          {isSelf && <Alert type="info">You are signed in as this user.</Alert>}
          <AccessKeys userName={userName} />
          <Password userName={userName} />
          <AttachedPolicies userName={userName} />
          <OwnPolicies userName={userName} />
        </SpaceBetween>
      )}
    </ContentLayout>
  )
}

interface DeleteUserProps {
  readonly userName: string
  readonly isSelf: boolean
}

function DeleteUser({ userName, isSelf }: DeleteUserProps) {
  const navigate = useNavigate()
  const [isAsked, setAsked] = useState(false)
  const run = async () => {
    await removeUser(call, userName)
    void navigate('/users')
  }
  return (
    <>
      <PermittedButton
        actions={[
          'iam:DeleteUser',
          'iam:DeleteAccessKey',
          'iam:DetachUserPolicy',
          'iam:DeleteUserPolicy',
        ]}
        lacks={isSelf ? 'You are signed in as this user.' : undefined}
        onClick={() => setAsked(true)}
      >
        Delete user
      </PermittedButton>
      {isAsked && (
        <ConfirmDialog
          onEnd={() => setAsked(false)}
          text={`Delete ${userName}`}
          verb="Delete"
          done={`User ${userName} was deleted`}
          effect={
            'The user’s access keys stop to work at once, whoever is signed in as them is signed ' +
            'out, and their own policies are gone. What they did stays in the audit log.'
          }
          undo={{ possible: false, how: 'Another of that name gets other keys.' }}
          run={run}
        />
      )}
    </>
  )
}
