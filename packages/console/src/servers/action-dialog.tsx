import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ApiError } from '../api/call.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { useNotify } from '../shell/notifications.tsx'
import { runAction, type ServersAction } from './actions.ts'

/** Servers that are listed by name before anything is done to them. */
const LISTED_MAX = 10

interface ActionDialogProps {
  readonly action: ServersAction
  readonly servers: readonly SourceServer[]
  readonly onEnd: () => void
}

/** Says what will happen and whether it can be undone, and does it when told so. */
export function ActionDialog({ action, servers, onEnd }: ActionDialogProps) {
  const queries = useQueryClient()
  const notify = useNotify()
  const run = useMutation<void, ApiError>({
    mutationFn: () => runAction(action, servers),
    onSuccess: () => {
      notify({ type: 'success', header: `${action.text}: ${names(servers)}` })
      onEnd()
    },
    // Of several servers some may have changed, also when one was refused.
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Modal
      visible
      onDismiss={onEnd}
      header={action.text}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onEnd}>
              Cancel
            </Button>
            <Button variant="primary" loading={run.isPending} onClick={() => run.mutate()}>
              {action.verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{action.effect}</Box>
        <Alert type={action.undo.possible ? 'info' : 'warning'}>
          {action.undo.possible ? 'This can be undone. ' : 'This cannot be undone. '}
          {action.undo.how}
        </Alert>
        <Box>
          <b>{servers.length === 1 ? 'Source server' : `${servers.length} source servers`}:</b>{' '}
          {names(servers)}
        </Box>
        {run.error && <Alert type="error">{run.error.message}</Alert>}
      </SpaceBetween>
    </Modal>
  )
}

function names(servers: readonly SourceServer[]): string {
  const shown = servers.slice(0, LISTED_MAX).map(serverName).join(', ')
  return servers.length > LISTED_MAX ? `${shown} and ${servers.length - LISTED_MAX} more` : shown
}
