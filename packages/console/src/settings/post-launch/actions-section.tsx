import { useState } from 'react'
import { usePolled } from '../../api/polling.ts'
import { Loaded } from '../loaded.tsx'
import type { Owner } from '../owner.ts'
import { isPredefined, type PostLaunchAction } from './action.ts'
import { ActionsTable } from './actions-table.tsx'
import { OwnActionDialog } from './own-action-dialog.tsx'
import { AddPredefinedDialog, EditPredefinedDialog } from './predefined-dialog.tsx'
import { RemoveDialog } from './remove-dialog.tsx'

type Dialog =
  | { readonly kind: 'add predefined' }
  | { readonly kind: 'put own' }
  | { readonly kind: 'edit' | 'remove'; readonly actionID: string }

/** The actions of a server or a template in their order, and what can be done with them. */
export function ActionsSection({ owner }: { readonly owner: Owner }) {
  const [dialog, setDialog] = useState<Dialog>()
  const query = usePolled<{ readonly items: readonly PostLaunchAction[] }>(
    'landfall:ListActions',
    owner.id,
  )
  return (
    <Loaded query={query} what="the post-launch actions">
      {({ items }) => (
        <>
          <ActionsTable
            owner={owner}
            actions={items}
            onAddPredefined={() => setDialog({ kind: 'add predefined' })}
            onPutOwn={() => setDialog({ kind: 'put own' })}
            onEdit={({ actionID }) => setDialog({ kind: 'edit', actionID })}
            onRemove={({ actionID }) => setDialog({ kind: 'remove', actionID })}
          />
          {dialog !== undefined && (
            <Shown
              dialog={dialog}
              owner={owner}
              actions={items}
              onEnd={() => setDialog(undefined)}
            />
          )}
        </>
      )}
    </Loaded>
  )
}

interface ShownProps {
  readonly dialog: Dialog
  readonly owner: Owner
  readonly actions: readonly PostLaunchAction[]
  readonly onEnd: () => void
}

function Shown({ dialog, ...rest }: ShownProps) {
  if (dialog.kind === 'add predefined') return <AddPredefinedDialog {...rest} />
  if (dialog.kind === 'put own') return <OwnActionDialog {...rest} />
  // As it is now, not as it was when it was chosen; somebody else may have removed it.
  const action = rest.actions.find(({ actionID }) => actionID === dialog.actionID)
  if (action === undefined) return undefined
  if (dialog.kind === 'remove') return <RemoveDialog action={action} {...rest} />
  return isPredefined(action) ? (
    <EditPredefinedDialog action={action} {...rest} />
  ) : (
    <OwnActionDialog action={action} {...rest} />
  )
}
