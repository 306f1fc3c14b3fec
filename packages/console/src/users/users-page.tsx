import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { Dialog } from '../dialogs/dialog.tsx'
import { ListTable } from '../lists/list-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { Readable } from '../session/readable.tsx'
import { PageLink } from '../shell/page-link.tsx'
import { Moment } from '../time/moment.tsx'
import { createUser, createUserWithKey } from './create-user.ts'
import { type NewKey, type User, useUsers } from './identity.ts'
import { ManagedPolicies } from './managed-policies.tsx'
import { NewKeyAlert } from './new-key-alert.tsx'
import { PoliciesField } from './policies-field.tsx'

const TITLE = 'Users and keys'

const COLUMNS: readonly TableProps.ColumnDefinition<User>[] = [
  {
    id: 'name',
    header: 'User',
    isRowHeader: true,
    cell: ({ UserName }) => (
      <PageLink to={`/users/${encodeURIComponent(UserName)}`}>{UserName}</PageLink>
    ),
  },
  { id: 'arn', header: 'ARN', cell: ({ Arn }) => Arn },
  { id: 'created', header: 'Created', cell: ({ CreateDate }) => <Moment at={CreateDate} /> },
]

/** Who may call the service. */
export function UsersPage() {
  return (
    <Readable title={TITLE} action="iam:ListUsers">
      <Users />
    </Readable>
  )
}

function Users() {
  const users = useUsers()
  const [isCreating, setCreating] = useState(false)
  const [newKey, setNewKey] = useState<NewKey>()
  return (
    <SpaceBetween size="l">
      <ListTable<User>
        title={TITLE}
        list={users}
        columns={COLUMNS}
        idOf={({ UserId }) => UserId}
        textOf={({ Arn }) => Arn}
        empty="No users."
        above={
          newKey !== undefined && (
            <NewKeyAlert newKey={newKey} onDismiss={() => setNewKey(undefined)} />
          )
        }
        actions={
          <PermittedButton
            variant="primary"
            actions={['iam:CreateUser']}
            onClick={() => setCreating(true)}
          >
            Create user
          </PermittedButton>
        }
      />
      <ManagedPolicies />
      {isCreating && <CreateUserDialog onEnd={() => setCreating(false)} onKey={setNewKey} />}
    </SpaceBetween>
  )
}

interface CreateUserDialogProps {
  readonly onEnd: () => void
  readonly onKey: (key: NewKey) => void
}

function CreateUserDialog({ onEnd, onKey }: CreateUserDialogProps) {
  const [name, setName] = useState('')
  const [policyArns, setPolicyArns] = useState<readonly string[]>([])
  const [withKey, setWithKey] = useState(true)
  const userName = name.trim()
  const run = async () => {
    const user = { userName, policyArns }
    if (withKey) onKey(await createUserWithKey(call, user))
    else await createUser(call, user)
  }
  return (
    <Dialog
      header="Create user"
      verb="Create"
      done={`User ${userName} was created`}
      lacks={userName === '' ? 'Give the user a name.' : undefined}
      onEnd={onEnd}
      run={run}
    >
      <FormField label="User name" constraintText="Letters, digits and +=,.@_-; at most 64.">
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <PoliciesField arns={policyArns} onChange={setPolicyArns} />
      <Checkbox
        checked={withKey}
        description="For the aws and landfall command lines, the installer, and signing in here."
        onChange={({ detail }) => setWithKey(detail.checked)}
      >
        With an access key
      </Checkbox>
    </Dialog>
  )
}
