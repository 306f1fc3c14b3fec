import type { TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { useWholeList } from '../api/whole-list.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { Dialog } from '../dialogs/dialog.tsx'
import { SectionTable } from '../lists/section-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'
import type { AttachedPolicy } from './identity.ts'
import { PoliciesField } from './policies-field.tsx'

/** The managed policies that say what the user may do. */
export function AttachedPolicies({ userName }: { readonly userName: string }) {
  const refusal = usePermission()('iam:ListAttachedUserPolicies')
  const { data, error } = useWholeList<AttachedPolicy>(
    'iam:ListAttachedUserPolicies',
    { UserName: userName },
    { member: 'AttachedPolicies', enabled: refusal === undefined },
  )
  const [isAttaching, setAttaching] = useState(false)
  const [leaving, setLeaving] = useState<AttachedPolicy>()
  const columns: TableProps.ColumnDefinition<AttachedPolicy>[] = [
    { id: 'name', header: 'Policy', isRowHeader: true, cell: ({ PolicyName }) => PolicyName },
    { id: 'arn', header: 'ARN', cell: ({ PolicyArn }) => PolicyArn },
    {
      id: 'actions',
      header: 'Actions',
      cell: (policy) => (
        <PermittedButton
          actions={['iam:DetachUserPolicy']}
          ariaLabel={`Detach ${policy.PolicyName}`}
          onClick={() => setLeaving(policy)}
        >
          Detach
        </PermittedButton>
      ),
    },
  ]
  return (
    <>
      <SectionTable<AttachedPolicy>
        title="Attached policies"
        rows={data}
        columns={columns}
        idOf={({ PolicyArn }) => PolicyArn}
        problem={refusal ?? error?.message}
        empty="None. Attach one, for example AWSApplicationMigrationFullAccess."
        actions={
          <PermittedButton
            actions={['iam:ListPolicies', 'iam:AttachUserPolicy']}
            onClick={() => setAttaching(true)}
          >
            Attach policies
          </PermittedButton>
        }
      />
      {isAttaching && (
        <AttachDialog
          userName={userName}
          attached={(data ?? []).map(({ PolicyArn }) => PolicyArn)}
          onEnd={() => setAttaching(false)}
        />
      )}
      {leaving !== undefined && (
        <ConfirmDialog
          onEnd={() => setLeaving(undefined)}
          text={`Detach ${leaving.PolicyName}`}
          verb="Detach"
          done={`${leaving.PolicyName} was detached from ${userName}`}
          effect={`${userName} may not do any more what no other policy allows, from now on.`}
          undo={{ possible: true, how: 'Attach it again.' }}
          run={() =>
            call('iam:DetachUserPolicy', { UserName: userName, PolicyArn: leaving.PolicyArn })
          }
        />
      )}
    </>
  )
}

interface AttachDialogProps {
  readonly userName: string
  readonly attached: readonly string[]
  readonly onEnd: () => void
}

function AttachDialog({ userName, attached, onEnd }: AttachDialogProps) {
  const [arns, setArns] = useState<readonly string[]>([])
  const run = async () => {
    for (const PolicyArn of arns) {
      await call('iam:AttachUserPolicy', { UserName: userName, PolicyArn })
    }
  }
  return (
    <Dialog
      header={`Attach policies to ${userName}`}
      verb="Attach"
      done={`Policies were attached to ${userName}`}
      lacks={arns.length === 0 ? 'Choose policies.' : undefined}
      onEnd={onEnd}
      run={run}
    >
      <PoliciesField arns={arns} onChange={setArns} except={attached} />
    </Dialog>
  )
}
