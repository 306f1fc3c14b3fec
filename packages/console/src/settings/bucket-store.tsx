import FormField from '@cloudscape-design/components/form-field'
import Input, { type InputProps } from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { Dialog } from '../dialogs/dialog.tsx'
import { InstallationSetting } from './installation-setting.tsx'

interface Store {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
}

const UPDATE = 'landfall:UpdateBucketStore'

/** Where the buckets of imports and exports are. */
export function BucketStore() {
  return (
    <InstallationSetting<{ readonly store: Store | null }>
      header="Store of buckets"
      description="Imports are read from buckets, and exports written to them."
      read="landfall:GetBucketStore"
      update={UPDATE}
      isSet={({ store }) => store !== null}
      show={({ store }) => <State store={store} />}
      setText="Set store"
      setDialog={(now, onEnd) => <SetDialog store={now?.store ?? undefined} onEnd={onEnd} />}
      endDeed={{
        text: 'Use no store',
        verb: 'Use folders',
        done: 'Buckets are folders of the data directory',
        effect:
          'Buckets are folders of the service’s data directory. What is in the store stays there.',
        undo: { possible: true, how: 'Set the store again, with its key.' },
        run: () => call(UPDATE, { store: null }),
      }}
    />
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
