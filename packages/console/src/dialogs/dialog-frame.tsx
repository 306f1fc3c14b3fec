import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'
import { RefusableButton } from '../shell/refusable-button.tsx'

/** What a button does by itself; or the ID of the form that it sends. */
type Press = { readonly onClick: () => void } | { readonly form: string }

export interface DialogFrameProps {
  readonly header: string
  /** The button that does it. */
  readonly verb: string
  readonly press: Press
  /** Why it cannot be done yet. */
  readonly lacks?: string | undefined
  /** It is being done. */
  readonly isBusy?: boolean
  /** Why it was not done. */
  readonly error?: string | undefined
  readonly onEnd: () => void
  /** The button beside it, where it is not one that only ends the dialog. */
  readonly instead?: { readonly text: string; readonly onClick: () => void }
  readonly size?: 'medium' | 'large'
  readonly children: ReactNode
}

/** How every dialog looks that asks for something or about it. */
export function DialogFrame(props: DialogFrameProps) {
  const { header, verb, press, lacks, isBusy = false, error, onEnd, size = 'medium' } = props
  const { instead = { text: 'Cancel', onClick: onEnd }, children } = props
  return (
    <Modal
      visible
      size={size}
      onDismiss={onEnd}
      header={header}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={instead.onClick}>
              {instead.text}
            </Button>
            <RefusableButton variant="primary" loading={isBusy} refusal={lacks} {...press}>
              {verb}
            </RefusableButton>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        {error !== undefined && <Alert type="error">{error}</Alert>}
      </SpaceBetween>
    </Modal>
  )
}
