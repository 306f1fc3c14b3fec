import Box from '@cloudscape-design/components/box'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import type { InstanceView } from '@landfall/model'
import { useState } from 'react'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { usePermission } from '../session/session.ts'
import { menuItem } from '../shell/menu-item.ts'
import { Changes } from './changes.tsx'
import {
  INSTANCE_DEEDS,
  type InstanceDeed,
  permissionFor,
  refusalOf,
  runDeed,
} from './instance-deeds.ts'

/** The menu of power; what cannot be done says why. */
export function InstanceActions({ instances }: { readonly instances: readonly InstanceView[] }) {
  const [chosen, setChosen] = useState<InstanceDeed>()
  const permission = usePermission()
  const names = instances.map(nameOf).join(', ')
  return (
    <>
      <ButtonDropdown
        items={INSTANCE_DEEDS.map((deed) => {
          const reason = refusalOf(deed, instances) ?? permission(permissionFor(deed))
          return menuItem(deed.id, deed.text, reason)
        })}
        onItemClick={({ detail }) => setChosen(INSTANCE_DEEDS.find(({ id }) => id === detail.id))}
      >
        Instance state
      </ButtonDropdown>
      {chosen !== undefined && (
        <ConfirmDialog
          {...chosen}
          run={() => runDeed(chosen, instances)}
          done={`${chosen.text}: ${names}`}
          onEnd={() => setChosen(undefined)}
        >
          <Box>
            <b>{instances.length === 1 ? 'Instance' : `${instances.length} instances`}:</b> {names}
          </Box>
          {chosen.action === 'TerminateInstances' && (
            <Changes instanceIDs={instances.map(({ instanceID }) => instanceID)} />
          )}
        </ConfirmDialog>
      )}
    </>
  )
}

function nameOf({ instanceID, sourceServerName, purpose }: InstanceView): string {
  const what = purpose === 'CUTOVER' ? 'cutover instance' : 'test instance'
  return sourceServerName === undefined
    ? instanceID
    : `${instanceID} (${what} of ${sourceServerName})`
}
