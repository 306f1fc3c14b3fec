import Alert from '@cloudscape-design/components/alert'
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { NewKey } from './identity.ts'

interface NewKeyAlertProps {
  readonly newKey: NewKey
  readonly onDismiss: () => void
}

/** A key that was just made: its secret is shown until this is dismissed, and never again. */
export function NewKeyAlert({ newKey, onDismiss }: NewKeyAlertProps) {
  const { userName, accessKeyId, secretAccessKey } = newKey
  return (
    <Alert
      type="success"
      header={`Access key of ${userName}`}
      dismissible
      dismissAriaLabel="Forget the secret"
      onDismiss={onDismiss}
    >
      <SpaceBetween size="s">
        <span>
          Keep the secret now: it is shown only here, until you leave this page. If it is lost, make
          another key and delete this one.
        </span>
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Access key ID', value: <Copied text={accessKeyId} what="access key ID" /> },
            {
              label: 'Secret access key',
              value: <Copied text={secretAccessKey} what="secret access key" />,
            },
          ]}
        />
      </SpaceBetween>
    </Alert>
  )
}

function Copied({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText="Copied"
      copyErrorText="Not copied: select the text and copy it"
    />
  )
}
