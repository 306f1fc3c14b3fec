import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { useWholeList } from '../api/whole-list.ts'
import { ConfirmDialog, type ReadyDeed } from '../dialogs/confirm-dialog.tsx'
import { SectionTable } from '../lists/section-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'
import { Moment } from '../time/moment.tsx'
import { createAccessKey } from './create-user.ts'
import type { AccessKeyMetadata, NewKey } from './identity.ts'
import { NewKeyAlert } from './new-key-alert.tsx'

/** The service knows the last use to the minute. */
const LAST_USED_POLL_MS = 60_000

/** The keys that the user signs calls with, and can sign in with. */
export function AccessKeys({ userName }: { readonly userName: string }) {
  const refusal = usePermission()('iam:ListAccessKeys')
  const keys = useWholeList<AccessKeyMetadata>(
    'iam:ListAccessKeys',
    { UserName: userName },
    { member: 'AccessKeyMetadata', enabled: refusal === undefined },
  )
  const [newKey, setNewKey] = useState<NewKey>()
  const [deed, setDeed] = useState<ReadyDeed>()
  return (
    <>
      <SectionTable<AccessKeyMetadata>
        title="Access keys"
        rows={keys.data}
        columns={columns(userName, setDeed)}
        idOf={({ AccessKeyId }) => AccessKeyId}
        problem={refusal ?? keys.error?.message}
        empty="No access key. The user can sign in with a password only."
        above={
          newKey !== undefined && (
            <NewKeyAlert newKey={newKey} onDismiss={() => setNewKey(undefined)} />
          )
        }
        actions={
          <PermittedButton
            actions={['iam:CreateAccessKey']}
            onClick={() => setDeed(newKeyDeed(userName, setNewKey))}
          >
            Create access key
          </PermittedButton>
        }
      />
      {deed !== undefined && <ConfirmDialog {...deed} onEnd={() => setDeed(undefined)} />}
    </>
  )
}

function columns(
  userName: string,
  onChoose: (deed: ReadyDeed) => void,
): TableProps.ColumnDefinition<AccessKeyMetadata>[] {
  return [
    {
      id: 'id',
      header: 'Access key ID',
      isRowHeader: true,
      cell: ({ AccessKeyId }) => AccessKeyId,
    },
    { id: 'status', header: 'Status', cell: ({ Status }) => <KeyStatus status={Status} /> },
    { id: 'created', header: 'Created', cell: ({ CreateDate: at }) => <Moment at={at} /> },
    {
      id: 'used',
      header: 'Last used',
      cell: ({ AccessKeyId }) => <LastUsed accessKeyId={AccessKeyId} />,
    },
    {
      id: 'actions',
      header: 'Actions',
      cell: (key) => <KeyButtons userName={userName} accessKey={key} onChoose={onChoose} />,
    },
  ]
}

function KeyStatus({ status }: { readonly status: AccessKeyMetadata['Status'] }) {
  return status === 'Active' ? (
    <StatusIndicator>Active</StatusIndicator>
  ) : (
    <StatusIndicator type="stopped">Inactive</StatusIndicator>
  )
}

interface KeyUse {
  readonly AccessKeyLastUsed: { readonly LastUsedDate?: string; readonly ServiceName: string }
}

function LastUsed({ accessKeyId }: { readonly accessKeyId: string }) {
  const isTold = usePermission()('iam:GetAccessKeyLastUsed') === undefined
  const { data } = usePolled<KeyUse>(
    'iam:GetAccessKeyLastUsed',
    { AccessKeyId: accessKeyId },
    { pollMs: LAST_USED_POLL_MS, enabled: isTold },
  )
  if (data === undefined) return '–'
  const { LastUsedDate: at, ServiceName: service } = data.AccessKeyLastUsed
  if (at === undefined) return 'Never'
  return (
    <>
      <Moment at={at} />, for {service}
    </>
  )
}

interface KeyButtonsProps {
  readonly userName: string
  readonly accessKey: AccessKeyMetadata
  readonly onChoose: (deed: ReadyDeed) => void
}

function KeyButtons({ userName, accessKey, onChoose }: KeyButtonsProps) {
  const isActive = accessKey.Status === 'Active'
  const { AccessKeyId: id } = accessKey
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <PermittedButton
        actions={['iam:UpdateAccessKey']}
        ariaLabel={`${isActive ? 'Deactivate' : 'Activate'} ${id}`}
        onClick={() => onChoose(statusDeed(userName, accessKey))}
      >
        {isActive ? 'Deactivate' : 'Activate'}
      </PermittedButton>
      <PermittedButton
        actions={['iam:DeleteAccessKey']}
        ariaLabel={`Delete ${id}`}
        onClick={() => onChoose(deletionDeed(userName, id))}
      >
        Delete
      </PermittedButton>
    </SpaceBetween>
  )
}

function newKeyDeed(userName: string, onKey: (key: NewKey) => void): ReadyDeed {
  return {
    text: 'Create access key',
    verb: 'Create',
    done: `An access key of ${userName} was created`,
    effect:
      'Its secret is shown once. A user has two keys at most: make one, and delete the other.',
    undo: { possible: true, how: 'Delete it.' },
    run: async () => onKey(await createAccessKey(call, userName)),
  }
}

function statusDeed(userName: string, { AccessKeyId, Status }: AccessKeyMetadata): ReadyDeed {
  const isActive = Status === 'Active'
  const verb = isActive ? 'Deactivate' : 'Activate'
  return {
    text: `${verb} ${AccessKeyId}`,
    verb,
    done: `${AccessKeyId} is ${isActive ? 'inactive' : 'active'}`,
    effect: isActive
      ? 'Calls that are signed with it are refused, and who signed in with it is signed out.'
      : 'Calls that are signed with it are answered again.',
    undo: { possible: true, how: isActive ? 'Activate it.' : 'Deactivate it.' },
    run: () =>
      call('iam:UpdateAccessKey', {
        UserName: userName,
        AccessKeyId,
        Status: isActive ? 'Inactive' : 'Active',
      }),
  }
}

function deletionDeed(userName: string, AccessKeyId: string): ReadyDeed {
  return {
    text: `Delete ${AccessKeyId}`,
    verb: 'Delete',
    done: `${AccessKeyId} was deleted`,
    effect: 'Calls that are signed with it are refused. Deactivate it first to see who misses it.',
    undo: { possible: false, how: 'Another key can be made.' },
    run: () => call('iam:DeleteAccessKey', { UserName: userName, AccessKeyId }),
  }
}
