import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import { Dialog, type DialogProps } from './dialog.tsx'

/** What somebody is about to do. */
export interface Deed {
  readonly header: string
  readonly verb: string
  readonly done: string
  /** What happens, a sentence or two. */
  readonly effect: string
  readonly undo: { readonly possible: boolean; readonly how: string }
  readonly run: DialogProps['run']
}

interface ConfirmDialogProps {
  readonly deed: Deed
  readonly onEnd: () => void
}

/** Says what will happen and whether it can be undone, and does it when told so. */
export function ConfirmDialog({ deed, onEnd }: ConfirmDialogProps) {
  const { effect, undo, ...dialog } = deed
  return (
    <Dialog {...dialog} onEnd={onEnd}>
      <Box>{effect}</Box>
      <Alert type={undo.possible ? 'info' : 'warning'}>
        {undo.possible ? 'This can be undone. ' : 'This cannot be undone. '}
        {undo.how}
      </Alert>
    </Dialog>
  )
}
