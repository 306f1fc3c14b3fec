import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ApiError } from '../api/call.ts'
import { useNotify } from '../shell/notifications.tsx'
import { DialogFrame, type DialogFrameProps } from './dialog-frame.tsx'

type Frame = Pick<DialogFrameProps, 'header' | 'verb' | 'lacks' | 'onEnd' | 'size' | 'children'>

export interface DialogProps extends Frame {
  readonly run: () => Promise<unknown>
  /** What is told when it was done. */
  readonly done: string
}

/** Asks for something and does it; says what was wrong, and stays until it is done or given up. */
export function Dialog({ run, done, ...frame }: DialogProps) {
  const queries = useQueryClient()
  const notify = useNotify()
  const running = useMutation<unknown, ApiError>({
    mutationFn: run,
    onSuccess: () => {
      notify({ type: 'success', header: done })
      frame.onEnd()
    },
    // Also of what was refused a part may have been done.
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <DialogFrame
      {...frame}
      press={{ onClick: () => running.mutate() }}
      isBusy={running.isPending}
      error={running.error?.message}
    />
  )
}
