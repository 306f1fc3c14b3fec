import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import type { ReactNode } from 'react'
import { Dialog, type DialogProps } from './dialog.tsx'

/** Something to be done, in words for whoever is about to do it. */
export interface Deed {
  readonly text: string
  /** What happens, a sentence or two. */
  readonly effect: string
  /** Whether that can be undone. */
  readonly undo: { readonly possible: boolean; readonly how: string }
  /** The button that does it. */
  readonly verb: string
}

/** The same with how it is done, and what is told when it was. */
export interface ReadyDeed extends Deed, Pick<DialogProps, 'run' | 'done'> {}

interface ConfirmDialogProps extends ReadyDeed {
  readonly onEnd: () => void
  readonly children?: ReactNode
}

/** Says what will happen and whether it can be undone, and does it when told so. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { text, effect, undo, verb, run, done, onEnd, children } = props
  return (
    <Dialog header={text} {...{ verb, run, done, onEnd }}>
      <Box>{effect}</Box>
      <Alert type={undo.possible ? 'info' : 'warning'}>
        {undo.possible ? 'This can be undone. ' : 'This cannot be undone. '}
        {undo.how}
      </Alert>
      {children}
    </Dialog>
  )
}
