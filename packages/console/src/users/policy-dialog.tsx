import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Spinner from '@cloudscape-design/components/spinner'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { Dialog } from '../dialogs/dialog.tsx'

const EXAMPLE = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['mgn:DescribeSourceServers'], Resource: '*' }],
}

interface PolicyDialogProps {
  readonly userName: string
  /** The one that is changed; absent: a new one is made. */
  readonly policyName?: string
  readonly onEnd: () => void
}

/** Writes a policy of the user's own; the service says what is wrong with it. */
export function PolicyDialog({ userName, policyName, onEnd }: PolicyDialogProps) {
  const { data, error } = usePolled<{ readonly PolicyDocument: string }>(
    'iam:GetUserPolicy',
    { UserName: userName, PolicyName: policyName },
    // What is being written must not change under the writer.
    { pollMs: false, enabled: policyName !== undefined },
  )
  const [name, setName] = useState(policyName ?? '')
  const [written, setWritten] = useState<string>()
  const kept = policyName === undefined ? JSON.stringify(EXAMPLE, null, 2) : textOf(data)
  const text = written ?? kept
  return (
    <Dialog
      size="large"
      header={policyName === undefined ? 'Create own policy' : `Edit ${policyName}`}
      verb="Save"
      done={`${name} of ${userName} was saved`}
      lacks={name === '' ? 'Give it a name.' : undefined}
      onEnd={onEnd}
      run={() =>
        call('iam:PutUserPolicy', {
          UserName: userName,
          PolicyName: name,
          PolicyDocument: text ?? '',
        })
      }
    >
      {error && <Alert type="error">{error.message}</Alert>}
      <FormField label="Policy name">
        <Input
          value={name}
          disabled={policyName !== undefined}
          onChange={({ detail }) => setName(detail.value)}
        />
      </FormField>
      <FormField
        label="Policy document"
        stretch
        description="JSON as IAM has it. Actions are named like mgn:StartTest and landfall:GetPreflight."
      >
        {text === undefined ? (
          <Spinner />
        ) : (
          <Textarea
            value={text}
            rows={16}
            spellcheck={false}
            onChange={({ detail }) => setWritten(detail.value)}
          />
        )}
      </FormField>
    </Dialog>
  )
}

/** As IAM gives it, it is encoded for a URL. */
function textOf(answer: { readonly PolicyDocument: string } | undefined): string | undefined {
  if (answer === undefined) return undefined
  const document = decodeURIComponent(answer.PolicyDocument)
  return JSON.stringify(JSON.parse(document), null, 2)
}
