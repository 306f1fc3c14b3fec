import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ApiError, call } from '../../api/call.ts'
import { useNotify } from '../../shell/notifications.tsx'
import { actionFor, type Owner, REMOVE_ACTIONS } from '../owner.ts'
import type { PostLaunchAction } from './action.ts'

interface RemoveDialogProps {
  readonly owner: Owner
  readonly action: PostLaunchAction
  readonly onEnd: () => void
}

export function RemoveDialog({ owner, action, onEnd }: RemoveDialogProps) {
  const { actionID, actionName } = action
  const queries = useQueryClient()
  const notify = useNotify()
  const remove = useMutation<object, ApiError>({
    mutationFn: () => call(actionFor(owner, REMOVE_ACTIONS), { ...owner.id, actionID }),
    onSuccess: () => {
      notify({ type: 'success', header: `${actionName} is removed.` })
      onEnd()
    },
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Modal
      visible
      onDismiss={onEnd}
      header={`Remove ${actionName}`}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onEnd}>
              Cancel
            </Button>
            <Button variant="primary" loading={remove.isPending} onClick={() => remove.mutate()}>
              Remove
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>
          It is not run after later launches. What it did on instances, and its results, stay.
        </Box>
        <Alert type="warning">
          This cannot be undone. The action can be added again, with its values entered anew.
        </Alert>
        {remove.error && <Alert type="error">{remove.error.message}</Alert>}
      </SpaceBetween>
    </Modal>
  )
}
