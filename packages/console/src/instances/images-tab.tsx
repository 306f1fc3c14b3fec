import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { InstanceDetails } from '@landfall/model'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { usePermission } from '../session/session.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { Moment } from '../time/moment.tsx'
import { permissionFor, refusalOf } from './instance-deeds.ts'

interface Image {
  readonly ImageId: string
  readonly Name: string
  readonly State: 'pending' | 'available' | 'failed'
  readonly CreationDate: string
  readonly StateReason?: { readonly Message: string }
}

const CREATE = { action: 'CreateImage' } as const

const DEED = {
  text: 'Create an image',
  effect:
    'The disks of the instance are copied as they are at one moment, without a pause. To its ' +
    'operating system the image is as after a power failure.',
  undo: { possible: true, how: 'Deregister the image: landfall images, or aws ec2.' },
  verb: 'Create',
} as const

/** Images of the instance: the files of its disks at one moment. */
export function ImagesTab({ instance }: { readonly instance: InstanceDetails }) {
  const { instanceID } = instance
  const [isAsked, setAsked] = useState(false)
  const permission = usePermission()
  const reason = refusalOf(CREATE, [instance]) ?? permission(permissionFor(CREATE))
  const { data, error, isPending } = usePolled<{ readonly Images: readonly Image[] }>(
    'ec2:DescribeImages',
    { Filters: [{ Name: 'source-instance-id', Values: [instanceID] }] },
  )
  return (
    <>
      <Table
        variant="container"
        trackBy="ImageId"
        items={data?.Images ?? []}
        loading={isPending}
        loadingText="Loading images"
        ariaLabels={{ tableLabel: 'Images' }}
        header={
          <SpaceBetween size="s">
            {error && <Alert type="error">{error.message}</Alert>}
            <Header
              variant="h2"
              actions={
                <RefusableButton onClick={() => setAsked(true)} refusal={reason}>
                  Create an image
                </RefusableButton>
              }
            >
              Images
            </Header>
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" color="inherit">
            No images of this instance. One keeps its disks as they are at a moment.
          </Box>
        }
        columnDefinitions={[
          { id: 'id', header: 'Image', isRowHeader: true, cell: ({ ImageId }) => ImageId },
          { id: 'name', header: 'Name', cell: ({ Name }) => Name },
          { id: 'state', header: 'State', cell: (image) => <State image={image} /> },
          { id: 'made', header: 'Made', cell: (image) => <Moment at={image.CreationDate} /> },
        ]}
      />
      {isAsked && <CreateDialog instanceID={instanceID} onEnd={() => setAsked(false)} />}
    </>
  )
}

function State({ image: { State: state, StateReason: why } }: { readonly image: Image }) {
  if (state === 'available') return <StatusIndicator>Available</StatusIndicator>
  if (state === 'pending') return <StatusIndicator type="in-progress">Being made</StatusIndicator>
  return <StatusIndicator type="error">{why?.Message ?? 'Failed'}</StatusIndicator>
}

function CreateDialog({ instanceID, onEnd }: { instanceID: string; onEnd: () => void }) {
  const [name, setName] = useState(`${instanceID} ${new Date().toISOString().slice(0, 10)}`)
  return (
    <ConfirmDialog
      {...DEED}
      run={() => call('ec2:CreateImage', { InstanceId: instanceID, Name: name.trim() })}
      done={`${DEED.text}: ${name}`}
      onEnd={onEnd}
    >
      <FormField
        label="Name"
        constraintText="3 to 128 letters, digits, spaces and ( ) [ ] . / - ' @ _"
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </ConfirmDialog>
  )
}
