import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Spinner from '@cloudscape-design/components/spinner'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { Dialog } from '../dialogs/dialog.tsx'

/** What a new policy begins with. */
export const EXAMPLE = JSON.stringify(
  {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['mgn:DescribeSourceServers'], Resource: '*' }],
  },
  null,
  2,
)

interface PolicyDialogProps {
  readonly header: string
  /** Of a policy that is changed; absent: a new one is named. */
  readonly policyName?: string
  /** As it is; undefined until it is known. */
  readonly document: string | undefined
  readonly problem?: string | undefined
  readonly save: (policyName: string, document: string) => Promise<unknown>
  readonly onEnd: () => void
}

/** Writes a policy; the service says what is wrong with it. */
export function PolicyDialog(props: PolicyDialogProps) {
  const { header, policyName, document, problem, save, onEnd } = props
  const [name, setName] = useState(policyName ?? '')
  const [written, setWritten] = useState<string>()
  const text = written ?? document
  return (
    <Dialog
      size="large"
      header={header}
      verb="Save"
      done={`${name} was saved`}
      lacks={name === '' ? 'Give it a name.' : undefined}
      onEnd={onEnd}
      run={() => save(name, text ?? '')}
    >
      {problem !== undefined && <Alert type="error">{problem}</Alert>}
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

/** A document to be read; as IAM gives it, it is encoded for a URL. */
export function readDocument(encoded: string): string {
  return JSON.stringify(JSON.parse(decodeURIComponent(encoded)), null, 2)
}
