import { call } from '../api/call.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { counted } from '../lists/counted.ts'
import type { Group } from './group.ts'
import { KINDS } from './kinds.ts'

interface DisassociateDialogProps {
  readonly group: Group
  /** Of source servers of an application, of applications of a wave. */
  readonly ids: readonly string[]
  readonly onEnd: () => void
}

export function DisassociateDialog({ group, ids, onEnd }: DisassociateDialogProps) {
  const { member, disassociate, id, memberIDs, text } = KINDS[group.kind]
  const what = counted(ids.length, member)
  return (
    <ConfirmDialog
      onEnd={onEnd}
      text={`Disassociate from ${group.name}`}
      verb="Disassociate"
      done={`Disassociated from ${group.name}: ${what}`}
      effect={`${what} will be in no ${text.toLowerCase()}. Nothing else changes.`}
      undo={{ possible: true, how: 'Add them again.' }}
      run={() => call(disassociate, { [id]: group.id, [memberIDs]: ids })}
    />
  )
}
