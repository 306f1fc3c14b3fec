import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import type { TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { ConfirmDialog, type ReadyDeed } from '../dialogs/confirm-dialog.tsx'
import { Dialog } from '../dialogs/dialog.tsx'
import { SectionTable } from '../lists/section-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'
import { Moment } from '../time/moment.tsx'

interface DiskKey {
  readonly name: string
  readonly createdDateTime: string
}

interface OfServer {
  readonly sourceServerID: string
}

/** The passphrases of the server's encrypted disks that are kept for conversions. */
export function DiskKeys({ sourceServerID }: OfServer) {
  const refusal = usePermission()('landfall:ListDiskKeys')
  const { data, error } = usePolled<{ readonly keys: readonly DiskKey[] }>(
    'landfall:ListDiskKeys',
    { sourceServerID },
    { enabled: refusal === undefined },
  )
  const [isAsked, setAsked] = useState(false)
  const [deed, setDeed] = useState<ReadyDeed>()
  return (
    <>
      <SectionTable<DiskKey>
        title="Passphrases of encrypted disks"
        rows={data?.keys}
        columns={columns(sourceServerID, setDeed)}
        idOf={({ name }) => name}
        problem={refusal ?? error?.message}
        empty="No passphrase is kept. A launch needs one where the system is in LUKS."
        actions={
          <PermittedButton actions={['landfall:PutDiskKey']} onClick={() => setAsked(true)}>
            Keep passphrase
          </PermittedButton>
        }
      />
      {isAsked && <KeepDialog sourceServerID={sourceServerID} onEnd={() => setAsked(false)} />}
      {deed !== undefined && <ConfirmDialog {...deed} onEnd={() => setDeed(undefined)} />}
    </>
  )
}

function columns(
  sourceServerID: string,
  onChoose: (deed: ReadyDeed) => void,
): TableProps.ColumnDefinition<DiskKey>[] {
  return [
    { id: 'name', header: 'Name', isRowHeader: true, cell: ({ name }) => name },
    { id: 'since', header: 'Kept since', cell: (key) => <Moment at={key.createdDateTime} /> },
    {
      id: 'actions',
      header: 'Actions',
      cell: ({ name }) => (
        <PermittedButton
          actions={['landfall:DeleteDiskKey']}
          ariaLabel={`Forget ${name}`}
          onClick={() => onChoose(forgetDeed(sourceServerID, name))}
        >
          Forget
        </PermittedButton>
      ),
    },
  ]
}

function forgetDeed(sourceServerID: string, name: string): ReadyDeed {
  return {
    text: `Forget the passphrase ${name}`,
    verb: 'Forget',
    done: `The passphrase ${name} is not kept any more`,
    effect: 'Launches that need it to look into the disks fail. Instances stay as they are.',
    undo: { possible: true, how: 'Keep it again, if you know it.' },
    run: () => call('landfall:DeleteDiskKey', { sourceServerID, name }),
  }
}

function KeepDialog({ sourceServerID, onEnd }: OfServer & { readonly onEnd: () => void }) {
  const [name, setName] = useState('default')
  const [passphrase, setPassphrase] = useState('')
  return (
    <Dialog
      header="Keep a passphrase"
      verb="Keep"
      done={`The passphrase ${name} is kept`}
      lacks={passphrase === '' || name === '' ? 'Enter a name and the passphrase.' : undefined}
      onEnd={onEnd}
      run={() => call('landfall:PutDiskKey', { sourceServerID, name, passphrase })}
    >
      <Box>
        A conversion has to look into the disks. The passphrase is kept sealed for that, and never
        shown again. The instance asks for it at its console at every boot, as the source does.
      </Box>
      <FormField
        label="Name"
        description="To tell several apart. One of the same name is replaced."
        constraintText="Up to 64 letters, digits, dots, dashes and underscores."
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value.trim())} />
      </FormField>
      <FormField label="Passphrase">
        <Input
          type="password"
          autoComplete="off"
          value={passphrase}
          onChange={({ detail }) => setPassphrase(detail.value)}
        />
      </FormField>
    </Dialog>
  )
}
