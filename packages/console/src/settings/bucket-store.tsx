import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input, { type InputProps } from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { Dialog } from '../dialogs/dialog.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'

interface Store {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
}

const UPDATE = 'landfall:UpdateBucketStore'

/** Where the buckets of imports and exports are. */
export function BucketStore() {
  const refusal = usePermission()('landfall:GetBucketStore')
  const { data, error } = usePolled<{ readonly store: Store | null }>(
    'landfall:GetBucketStore',
    {},
    { enabled: refusal === undefined },
  )
  const [asked, setAsked] = useState<'set' | 'end'>()
  const end = () => setAsked(undefined)
  const lacks = data?.store === null ? 'There is none.' : undefined
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Imports are read from buckets, and exports written to them."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <PermittedButton actions={[UPDATE]} lacks={lacks} onClick={() => setAsked('end')}>
                Use no store
              </PermittedButton>
              <PermittedButton actions={[UPDATE]} onClick={() => setAsked('set')}>
                Set store
              </PermittedButton>
            </SpaceBetween>
          }
        >
          Store of buckets
        </Header>
      }
    >
      {refusal ?? error?.message ?? (data && <State store={data.store} />)}
      {asked === 'set' && <SetDialog store={data?.store ?? undefined} onEnd={end} />}
      {asked === 'end' && (
        <ConfirmDialog
          text="Use no store"
          verb="Use folders"
          done="Buckets are folders of the data directory"
          effect="Buckets are folders of the service’s data directory. What is in the store stays there."
          undo={{ possible: true, how: 'Set the store again, with its key.' }}
          run={() => call(UPDATE, { store: null })}
          onEnd={end}
        />
      )}
    </Container>
  )
}

function State({ store }: { readonly store: Store | null }) {
  if (store === null) return 'Buckets are folders of the service’s data directory.'
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: 'Address', value: store.endpoint },
        { label: 'Region', value: store.region },
        { label: 'Access key ID', value: store.accessKeyId },
      ]}
    />
  )
}

interface SetDialogProps {
  readonly store: Store | undefined
  readonly onEnd: () => void
}

const NOTHING: Store = { endpoint: '', region: 'us-east-1', accessKeyId: '' }

function SetDialog({ store = NOTHING, onEnd }: SetDialogProps) {
  const [entered, setEntered] = useState({ ...store, secretAccessKey: '' })
  const field = (name: keyof typeof entered) => (value: string) =>
    setEntered({ ...entered, [name]: value.trim() })
  const isWhole = Object.values(entered).every((value) => value !== '')
  return (
    <Dialog
      header="Set the store of buckets"
      verb="Set"
      done={`Buckets are at ${entered.endpoint}`}
      lacks={isWhole ? undefined : 'Enter all four.'}
      onEnd={onEnd}
      run={() => call(UPDATE, { store: entered })}
    >
      <Field
        label="Address"
        constraint="Of an S3-compatible store: https://s3.example.org"
        value={entered.endpoint}
        onChange={field('endpoint')}
      />
      <Field
        label="Region"
        constraint="That requests are signed for."
        value={entered.region}
        onChange={field('region')}
      />
      <Field label="Access key ID" value={entered.accessKeyId} onChange={field('accessKeyId')} />
      <Field
        label="Secret access key"
        constraint="It is kept sealed, and never shown again."
        type="password"
        value={entered.secretAccessKey}
        onChange={field('secretAccessKey')}
      />
    </Dialog>
  )
}

interface FieldProps extends Pick<InputProps, 'type'> {
  readonly label: string
  readonly constraint?: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function Field({ label, constraint, onChange, type = 'text', value }: FieldProps) {
  return (
    <FormField label={label} constraintText={constraint}>
      <Input
        type={type}
        value={value}
        autoComplete="off"
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  )
}
