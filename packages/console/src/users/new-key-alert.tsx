import { SecretAlert } from '../shell/secret-alert.tsx'
import type { NewKey } from './identity.ts'

interface NewKeyAlertProps {
  readonly newKey: NewKey
  readonly onDismiss: () => void
}

export function NewKeyAlert({ newKey, onDismiss }: NewKeyAlertProps) {
  return (
    <SecretAlert
      header={`Access key of ${newKey.userName}`}
      remedy="make another key and delete this one."
      values={[
        { label: 'Access key ID', text: newKey.accessKeyId },
        { label: 'Secret access key', text: newKey.secretAccessKey },
      ]}
      onDismiss={onDismiss}
    />
  )
}
