import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { usePermission } from '../session/session.ts'
import { menuItem } from '../shell/menu-item.ts'
import { ActionDialog } from './action-dialog.tsx'
import { ACTION_GROUPS, type ServersAction } from './actions.ts'

/** The menus of what can be done to the servers; what cannot says why. */
export function ServerActions({ servers }: { readonly servers: readonly SourceServer[] }) {
  const [chosen, setChosen] = useState<ServersAction>()
  const permission = usePermission()
  const reasonAgainst = (action: ServersAction) =>
    servers.length === 0
      ? 'Select servers first.'
      : (permission(action.permission) ?? refusal(action, servers))
  return (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        {ACTION_GROUPS.map(({ id, text, actions }) => (
          <ButtonDropdown
            key={id}
            items={actions.map((action) =>
              menuItem(action.text, action.text, reasonAgainst(action)),
            )}
            onItemClick={({ detail }) =>
              setChosen(actions.find(({ text: it }) => it === detail.id))
            }
          >
            {text}
          </ButtonDropdown>
        ))}
      </SpaceBetween>
      {chosen !== undefined && (
        <ActionDialog action={chosen} servers={servers} onEnd={() => setChosen(undefined)} />
      )}
    </>
  )
}

/** Servers that are named in a reason; of the others it is said how many. */
const NAMED_MAX = 3

/** Why it cannot be done to all of them; undefined when it can. */
function refusal({ event }: ServersAction, servers: readonly SourceServer[]): string | undefined {
  const refused = servers.flatMap((server) => {
    const reason = server.refusals[event]
    return reason === undefined ? [] : [{ name: serverName(server), reason }]
  })
  const [first] = refused
  if (first === undefined) return undefined
  if (servers.length === 1) return first.reason
  const named = refused.slice(0, NAMED_MAX).map(({ name, reason }) => `${name}: ${reason}`)
  const more = refused.length > NAMED_MAX ? ` And ${refused.length - NAMED_MAX} more.` : ''
  return named.join(' ') + more
}
