import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ApiError } from '../api/call.ts'
import { useNotify } from './notifications.tsx'

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

interface ConfirmDialogProps {
  readonly deed: Deed
  readonly run: () => Promise<void>
  /** What it is done to, as the notice afterwards names it. */
  readonly subject: string
  readonly onEnd: () => void
  readonly children?: ReactNode
}

/** Says what will happen and whether it can be undone, and does it when told so. */
export function ConfirmDialog({ deed, run, subject, onEnd, children }: ConfirmDialogProps) {
  const queries = useQueryClient()
  const notify = useNotify()
  const running = useMutation<void, ApiError>({
    mutationFn: run,
    onSuccess: () => {
      notify({ type: 'success', header: `${deed.text}: ${subject}` })
      onEnd()
    },
    // Of several things some may have changed, also when one was refused.
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Modal
      visible
      onDismiss={onEnd}
      header={deed.text}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onEnd}>
              Cancel
            </Button>
            <Button variant="primary" loading={running.isPending} onClick={() => running.mutate()}>
              {deed.verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Box>{deed.effect}</Box>
        <Alert type={deed.undo.possible ? 'info' : 'warning'}>
          {deed.undo.possible ? 'This can be undone. ' : 'This cannot be undone. '}
          {deed.undo.how}
        </Alert>
        {children}
        {running.error && <Alert type="error">{running.error.message}</Alert>}
      </SpaceBetween>
    </Modal>
  )
}
