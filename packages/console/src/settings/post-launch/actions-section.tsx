import { useState } from 'react'
import { usePolled } from '../../api/polling.ts'
import { Loaded } from '../form/loaded.tsx'
import type { Owner } from '../owner.ts'
import { isPredefined, type PostLaunchAction } from './action.ts'
import { ActionsTable } from './actions-table.tsx'
import { AddPredefinedDialog, EditPredefinedDialog } from './predefined-dialog.tsx'
import { OwnActionDialog } from './own-action-dialog.tsx'
import { RemoveDialog } from './remove-dialog.tsx'

type Dialog =
  | { readonly kind: 'add predefined' }
  | { readonly kind: 'put own' }
  | { readonly kind: 'edit' | 'remove'; readonly action: PostLaunchAction }

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
            onEdit={(action) => setDialog({ kind: 'edit', action })}
            onRemove={(action) => setDialog({ kind: 'remove', action })}
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
  switch (dialog.kind) {
    case 'add predefined':
      return <AddPredefinedDialog {...rest} />
    case 'put own':
      return <OwnActionDialog {...rest} />
    case 'edit':
      return isPredefined(dialog.action) ? (
        <EditPredefinedDialog action={dialog.action} {...rest} />
      ) : (
        <OwnActionDialog action={dialog.action} {...rest} />
      )
    case 'remove':
      return <RemoveDialog action={dialog.action} {...rest} />
  }
}
