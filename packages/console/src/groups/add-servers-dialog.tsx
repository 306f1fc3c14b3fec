import FormField from '@cloudscape-design/components/form-field'
import Multiselect, { type MultiselectProps } from '@cloudscape-design/components/multiselect'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { Dialog } from '../dialogs/dialog.tsx'
import { counted } from '../lists/counted.ts'
import type { Group } from './group.ts'
import { MEMBERS_AT_ONCE_MAX } from './kinds.ts'

/** Servers that are offered at once; others are found by typing. */
const OFFERED_MAX = 50

interface AddServersDialogProps {
  readonly application: Group
  readonly onEnd: () => void
}

/** Puts servers that are in no application yet into this one. */
export function AddServersDialog({ application, onEnd }: AddServersDialogProps) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<MultiselectProps['selectedOptions']>([])
  const { data, error, isPending } = usePolled<{ readonly items: readonly SourceServer[] }>(
    'landfall:SearchSourceServers',
    { view: 'ALL', isInApplication: false, limit: OFFERED_MAX, ...(text && { text }) },
  )
  const ids = chosen.map(({ value }) => value ?? '')
  return (
    <Dialog
      header={`Add source servers to ${application.name}`}
      verb="Add"
      done={`Added to ${application.name}: ${counted(ids.length, 'source server')}`}
      lacks={lacks(ids.length)}
      onEnd={onEnd}
      run={() =>
        call('mgn:AssociateSourceServers', {
          applicationID: application.id,
          sourceServerIDs: ids,
        })
      }
    >
      <FormField
        label="Source servers"
        description="Those that are in no application. A server is in one at most."
        errorText={error?.message}
      >
        <Multiselect
          selectedOptions={chosen}
          options={(data?.items ?? []).map(optionOf)}
          filteringType="manual"
          filteringAriaLabel="Find source servers"
          filteringPlaceholder="Find by name, ID or tag"
          placeholder="Choose source servers"
          statusType={isPending ? 'loading' : 'finished'}
          loadingText="Loading source servers"
          empty={
            text === '' ? 'Every source server is in an application.' : 'No source server matches.'
          }
          onLoadItems={({ detail }) => setText(detail.filteringText)}
          onChange={({ detail }) => setChosen(detail.selectedOptions)}
        />
      </FormField>
    </Dialog>
  )
}

function optionOf(server: SourceServer): MultiselectProps.Option {
  const option = { value: server.sourceServerID, label: serverName(server) }
  return server.isArchived
    ? { ...option, disabled: true, disabledReason: 'It is archived.' }
    : { ...option, description: server.sourceServerID }
}

function lacks(count: number): string | undefined {
  if (count === 0) return 'Choose source servers.'
  return count > MEMBERS_AT_ONCE_MAX ? `At most ${MEMBERS_AT_ONCE_MAX} at once.` : undefined
}
