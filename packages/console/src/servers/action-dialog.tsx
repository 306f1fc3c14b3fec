import Box from '@cloudscape-design/components/box'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { CutoverForecast } from '../forecast/cutover-forecast.tsx'
import { Changes } from '../instances/changes.tsx'
import { runAction, type ServersAction } from './actions.ts'

/** Servers that are listed by name before anything is done to them. */
const LISTED_MAX = 10

interface ActionDialogProps {
  readonly action: ServersAction
  readonly servers: readonly SourceServer[]
  readonly onEnd: () => void
}

/** Does it to the servers when told so. */
export function ActionDialog({ action, servers, onEnd }: ActionDialogProps) {
  return (
    <ConfirmDialog
      {...action}
      run={() => runAction(action, servers)}
      done={`${action.text}: ${names(servers)}`}
      onEnd={onEnd}
    >
      <Box>
        <b>{servers.length === 1 ? 'Source server' : `${servers.length} source servers`}:</b>{' '}
        {names(servers)}
      </Box>
      {action.event === 'StartCutover' && (
        <CutoverForecast sourceServerIDs={servers.map((server) => server.sourceServerID)} />
      )}
      <Changes instanceIDs={givenUp(action, servers)} />
    </ConfirmDialog>
  )
}

/** Instances whose changes the action throws away: by their end, or by a cutover's revert. */
function givenUp({ event }: ServersAction, servers: readonly SourceServer[]): string[] {
  const isRevert = event === 'MarkReadyForCutover' || event === 'MarkReadyForTest'
  const ids = servers
    .filter(({ lifeCycle: { state } }) =>
      isRevert ? state === 'CUTTING_OVER' : event === 'TerminateTargetInstances',
    )
    .map(({ launchedInstance }) => launchedInstance?.ec2InstanceID)
  return ids.filter((id) => id !== undefined).slice(0, LISTED_MAX)
}

function names(servers: readonly SourceServer[]): string {
  const shown = servers.slice(0, LISTED_MAX).map(serverName).join(', ')
  return servers.length > LISTED_MAX ? `${shown} and ${servers.length - LISTED_MAX} more` : shown
}
