import Alert from '@cloudscape-design/components/alert'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { Copied } from './copied.tsx'

interface SecretAlertProps {
  readonly header: string
  /** What to do when it is lost. */
  readonly remedy: string
  /** The secret, and what belongs to it. */
  readonly values: readonly { readonly label: string; readonly text: string }[]
  readonly onDismiss: () => void
}

/** A secret that was just made: it is shown until this is dismissed, and never again. */
export function SecretAlert({ header, remedy, values, onDismiss }: SecretAlertProps) {
  return (
    <Alert
      type="success"
      header={header}
      dismissible
      dismissAriaLabel="Forget the secret"
      onDismiss={onDismiss}
    >
      <SpaceBetween size="s">
        <span>
          Keep the secret now: it is shown only here, until you leave this page. If it is lost,{' '}
          {remedy}
        </span>
        <KeyValuePairs
          columns={2}
          items={values.map(({ label, text }) => ({
            label,
            value: <Copied text={text} what={label.toLowerCase()} />,
          }))}
        />
      </SpaceBetween>
    </Alert>
  )
}
