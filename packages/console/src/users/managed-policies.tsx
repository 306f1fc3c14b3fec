import Alert from '@cloudscape-design/components/alert'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { SectionTable } from '../lists/section-table.tsx'
import { usePermission } from '../session/session.ts'
import { CodeBlock } from '../shell/code-block.tsx'
import { type Policy, usePolicies } from './identity.ts'
import { EXAMPLE, PolicyDialog, readDocument } from './policy-dialog.tsx'

type Asked =
  | { readonly kind: 'create' }
  | { readonly kind: 'show' | 'delete'; readonly policy: Policy }

/** Policies that any user can have: AWS's, and those that are made here. */
export function ManagedPolicies() {
  const refusal = usePermission()('iam:ListPolicies')
  const { data, error } = usePolicies(refusal === undefined)
  const [asked, setAsked] = useState<Asked>()
  const end = () => setAsked(undefined)
  return (
    <>
      <SectionTable<Policy>
        title="Managed policies"
        rows={data}
        columns={[
          { id: 'name', header: 'Policy', isRowHeader: true, cell: ({ PolicyName }) => PolicyName },
          {
            id: 'kind',
            header: 'Made by',
            cell: (policy) => (isOfAws(policy) ? 'AWS' : 'This account'),
          },
          { id: 'users', header: 'Users', cell: ({ AttachmentCount }) => AttachmentCount },
          {
            id: 'actions',
            header: 'Actions',
            cell: (policy) => <PolicyButtons policy={policy} onChoose={setAsked} />,
          },
        ]}
        idOf={({ Arn }) => Arn}
        problem={refusal ?? error?.message}
        empty="None."
        actions={
          <PermittedButton
            actions={['iam:CreatePolicy']}
            onClick={() => setAsked({ kind: 'create' })}
          >
            Create policy
          </PermittedButton>
        }
      />
      {asked?.kind === 'create' && (
        <PolicyDialog
          header="Create policy"
          document={EXAMPLE}
          save={(PolicyName, PolicyDocument) =>
            call('iam:CreatePolicy', { PolicyName, PolicyDocument })
          }
          onEnd={end}
        />
      )}
      {asked?.kind === 'show' && <PolicyDocument policy={asked.policy} onEnd={end} />}
      {asked?.kind === 'delete' && (
        <ConfirmDialog
          onEnd={end}
          text={`Delete ${asked.policy.PolicyName}`}
          verb="Delete"
          done={`${asked.policy.PolicyName} was deleted`}
          effect="No user can be given it any more. It is refused while one still has it."
          undo={{ possible: false, how: 'It has to be written again.' }}
          run={() => call('iam:DeletePolicy', { PolicyArn: asked.policy.Arn })}
        />
      )}
    </>
  )
}

function isOfAws({ Arn }: Policy): boolean {
  return Arn.startsWith('arn:aws:iam::aws:')
}

interface PolicyButtonsProps {
  readonly policy: Policy
  readonly onChoose: (asked: Asked) => void
}

function PolicyButtons({ policy, onChoose }: PolicyButtonsProps) {
  const { PolicyName: name } = policy
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <PermittedButton
        actions={['iam:GetPolicyVersion']}
        ariaLabel={`Show ${name}`}
        onClick={() => onChoose({ kind: 'show', policy })}
      >
        Show
      </PermittedButton>
      {!isOfAws(policy) && (
        <PermittedButton
          actions={['iam:DeletePolicy']}
          ariaLabel={`Delete ${name}`}
          onClick={() => onChoose({ kind: 'delete', policy })}
        >
          Delete
        </PermittedButton>
      )}
    </SpaceBetween>
  )
}

interface PolicyVersion {
  readonly PolicyVersion: { readonly Document: string }
}

interface PolicyDocumentProps {
  readonly policy: Policy
  readonly onEnd: () => void
}

function PolicyDocument({ policy, onEnd }: PolicyDocumentProps) {
  const { Arn: PolicyArn, DefaultVersionId: VersionId, PolicyName } = policy
  const { data, error } = usePolled<PolicyVersion>(
    'iam:GetPolicyVersion',
    { PolicyArn, VersionId },
    // A version never changes.
    { pollMs: false },
  )
  return (
    <Modal visible size="large" header={PolicyName} onDismiss={onEnd}>
      {error && <Alert type="error">{error.message}</Alert>}
      {data === undefined && !error && <Spinner />}
      {data !== undefined && <CodeBlock>{readDocument(data.PolicyVersion.Document)}</CodeBlock>}
    </Modal>
  )
}
