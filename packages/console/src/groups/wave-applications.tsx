import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { Dialog } from '../dialogs/dialog.tsx'
import { counted } from '../lists/counted.ts'
import { useChosenRows } from '../lists/use-chosen-rows.ts'
import { PermittedButton } from '../session/permitted-button.tsx'
import { DisassociateDialog } from './disassociate-dialog.tsx'
import { type Group, useGroups } from './group.ts'
import { columnsOf } from './groups-page.tsx'
import { KINDS } from './kinds.ts'
import { lacksFor } from './members-table.tsx'

/** The applications of a wave. */
export function WaveApplications({ wave }: { readonly wave: Group }) {
  const { list, associate, disassociate } = KINDS.wave
  const [asked, setAsked] = useState<'add' | 'disassociate'>()
  const applications = useGroups('application', { waveIDs: [wave.id] })
  const items = applications.data ?? []
  const [chosen, choice] = useChosenRows(items, ({ id }) => id)
  const end = () => setAsked(undefined)
  return (
    <>
      <Table<Group>
        items={items}
        columnDefinitions={columnsOf('application')}
        loading={applications.isPending}
        loadingText="Loading applications"
        {...choice}
        ariaLabels={{
          tableLabel: 'Applications',
          selectionGroupLabel: 'Choice of applications',
          allItemsSelectionLabel: () => 'Choose all applications',
          itemSelectionLabel: (_, { name }) => `Choose ${name}`,
        }}
        header={
          <SpaceBetween size="s">
            {applications.error && <Alert type="error">{applications.error.message}</Alert>}
            <Header
              variant="h2"
              counter={`(${items.length})`}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <PermittedButton
                    actions={[disassociate]}
                    lacks={lacksFor(chosen.length)}
                    onClick={() => setAsked('disassociate')}
                  >
                    Disassociate
                  </PermittedButton>
                  <PermittedButton actions={[list, associate]} onClick={() => setAsked('add')}>
                    Add applications
                  </PermittedButton>
                </SpaceBetween>
              }
            >
              Applications
            </Header>
          </SpaceBetween>
        }
        empty={
          <Box textAlign="center" color="inherit" padding="l">
            No applications yet. Add those that are cut over together.
          </Box>
        }
      />
      {asked === 'add' && <AddApplicationsDialog wave={wave} onEnd={end} />}
      {asked === 'disassociate' && (
        <DisassociateDialog group={wave} ids={chosen.map(({ id }) => id)} onEnd={end} />
      )}
    </>
  )
}

interface AddApplicationsDialogProps {
  readonly wave: Group
  readonly onEnd: () => void
}

/** Puts applications that are in no wave yet into this one. */
function AddApplicationsDialog({ wave, onEnd }: AddApplicationsDialogProps) {
  const [chosen, setChosen] = useState<MultiselectProps['selectedOptions']>([])
  const { data, error, isPending } = useGroups('application', { isArchived: false })
  const ids = chosen.map(({ value }) => value ?? '')
  return (
    <Dialog
      header={`Add applications to ${wave.name}`}
      verb="Add"
      done={`Added to ${wave.name}: ${counted(ids.length, 'application')}`}
      lacks={lacksFor(ids.length)}
      onEnd={onEnd}
      run={() => call('mgn:AssociateApplications', { waveID: wave.id, applicationIDs: ids })}
    >
      <FormField
        label="Applications"
        description="Those that are in no wave. An application is in one at most."
        errorText={error?.message}
      >
        <Multiselect
          selectedOptions={chosen}
          options={(data ?? [])
            .filter(({ waveID }) => waveID === undefined)
            .map(({ id, name }) => ({ value: id, label: name, description: id }))}
          filteringType="auto"
          filteringAriaLabel="Find applications"
          placeholder="Choose applications"
          statusType={isPending ? 'loading' : 'finished'}
          loadingText="Loading applications"
          empty="Every application is in a wave."
          onChange={({ detail }) => setChosen(detail.selectedOptions)}
        />
      </FormField>
    </Dialog>
  )
}
