import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { useWholeList } from '../api/whole-list.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { SectionTable } from '../lists/section-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'
import { EXAMPLE, PolicyDialog, readDocument } from './policy-dialog.tsx'

type Asked =
  | { readonly kind: 'create' }
  | { readonly kind: 'edit' | 'delete'; readonly policyName: string }

/** Policies that are the user's alone: IAM calls them inline. */
export function OwnPolicies({ userName }: { readonly userName: string }) {
  const refusal = usePermission()('iam:ListUserPolicies')
  const { data, error } = useWholeList<string>(
    'iam:ListUserPolicies',
    { UserName: userName },
    { member: 'PolicyNames', enabled: refusal === undefined },
  )
  const [asked, setAsked] = useState<Asked>()
  const end = () => setAsked(undefined)
  return (
    <>
      <SectionTable<string>
        title="Own policies"
        rows={data}
        columns={[
          { id: 'name', header: 'Policy', isRowHeader: true, cell: (name) => name },
          {
            id: 'actions',
            header: 'Actions',
            cell: (policyName) => <PolicyButtons policyName={policyName} onChoose={setAsked} />,
          },
        ]}
        idOf={(name) => name}
        problem={refusal ?? error?.message}
        empty="None. Managed policies are enough for most users."
        actions={
          <PermittedButton
            actions={['iam:PutUserPolicy']}
            onClick={() => setAsked({ kind: 'create' })}
          >
            Create own policy
          </PermittedButton>
        }
      />
      {asked?.kind === 'create' && (
        <PolicyDialog
          header="Create own policy"
          document={EXAMPLE}
          save={putting(userName)}
          onEnd={end}
        />
      )}
      {asked?.kind === 'edit' && (
        <EditDialog userName={userName} policyName={asked.policyName} onEnd={end} />
      )}
      {asked?.kind === 'delete' && (
        <ConfirmDialog
          onEnd={end}
          text={`Delete ${asked.policyName}`}
          verb="Delete"
          done={`${asked.policyName} of ${userName} was deleted`}
          effect={`${userName} may not do any more what no other policy allows, from now on.`}
          undo={{ possible: false, how: 'It has to be written again.' }}
          run={() =>
            call('iam:DeleteUserPolicy', { UserName: userName, PolicyName: asked.policyName })
          }
        />
      )}
    </>
  )
}

const putting = (UserName: string) => (PolicyName: string, PolicyDocument: string) =>
  call('iam:PutUserPolicy', { UserName, PolicyName, PolicyDocument })

interface EditDialogProps {
  readonly userName: string
  readonly policyName: string
  readonly onEnd: () => void
}

function EditDialog({ userName, policyName, onEnd }: EditDialogProps) {
  const { data, error } = usePolled<{ readonly PolicyDocument: string }>(
    'iam:GetUserPolicy',
    { UserName: userName, PolicyName: policyName },
    // What is being written must not change under the writer.
    { pollMs: false },
  )
  return (
    <PolicyDialog
      header={`Edit ${policyName}`}
      policyName={policyName}
      document={data && readDocument(data.PolicyDocument)}
      problem={error?.message}
      save={putting(userName)}
      onEnd={onEnd}
    />
  )
}

interface PolicyButtonsProps {
  readonly policyName: string
  readonly onChoose: (asked: Asked) => void
}

function PolicyButtons({ policyName, onChoose }: PolicyButtonsProps) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <PermittedButton
        actions={['iam:GetUserPolicy', 'iam:PutUserPolicy']}
        ariaLabel={`Edit ${policyName}`}
        onClick={() => onChoose({ kind: 'edit', policyName })}
      >
        Edit
      </PermittedButton>
      <PermittedButton
        actions={['iam:DeleteUserPolicy']}
        ariaLabel={`Delete ${policyName}`}
        onClick={() => onChoose({ kind: 'delete', policyName })}
      >
        Delete
      </PermittedButton>
    </SpaceBetween>
  )
}
