import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ApiError } from '../api/call.ts'
import { useNotify } from '../shell/notifications.tsx'

export interface DialogProps {
  readonly header: string
  /** The button that does it. */
  readonly verb: string
  readonly run: () => Promise<unknown>
  /** What is told when it was done. */
  readonly done: string
  readonly onEnd: () => void
  /** Why it cannot be done yet. */
  readonly lacks?: string | undefined
  readonly size?: 'medium' | 'large'
  readonly children: ReactNode
}

/** Asks for something and does it; says what was wrong, and stays until it is done or given up. */
export function Dialog(props: DialogProps) {
  const { header, verb, run, done, onEnd, lacks, size = 'medium', children } = props
  const queries = useQueryClient()
  const notify = useNotify()
  const running = useMutation<unknown, ApiError>({
    mutationFn: run,
    onSuccess: () => {
      notify({ type: 'success', header: done })
      onEnd()
    },
    // Also of what was refused a part may have been done.
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Modal
      visible
      size={size}
      onDismiss={onEnd}
      header={header}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onEnd}>
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={running.isPending}
              disabled={lacks !== undefined}
              {...(lacks !== undefined && { disabledReason: lacks })}
              onClick={() => running.mutate()}
            >
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        {running.error && <Alert type="error">{running.error.message}</Alert>}
      </SpaceBetween>
    </Modal>
  )
}
