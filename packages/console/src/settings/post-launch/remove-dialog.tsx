import { call } from '../../api/call.ts'
import { ConfirmDialog } from '../../dialogs/confirm-dialog.tsx'
import { actionFor, type Owner, REMOVE_ACTIONS } from '../owner.ts'
import type { PostLaunchAction } from './action.ts'

interface RemoveDialogProps {
  readonly owner: Owner
  readonly action: PostLaunchAction
  readonly onEnd: () => void
}

export function RemoveDialog({ owner, action, onEnd }: RemoveDialogProps) {
  const { actionID, actionName } = action
  return (
    <ConfirmDialog
      text={`Remove ${actionName}`}
      effect="It is not run after later launches. What it did on instances, and its results, stay."
      undo={{
        possible: false,
        how: 'The action can be added again, with its values entered anew.',
      }}
      verb="Remove"
      run={() => call(actionFor(owner, REMOVE_ACTIONS), { ...owner.id, actionID })}
      done={`${actionName} is removed.`}
      onEnd={onEnd}
    />
  )
}
