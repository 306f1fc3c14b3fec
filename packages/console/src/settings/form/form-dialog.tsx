import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, type SubmitEvent, useId } from 'react'
import type { FormState } from './use-settings-form.ts'

interface FormDialogProps {
  readonly header: string
  /** The button that saves. */
  readonly verb: string
  readonly form: FormState
  readonly onEnd: () => void
  readonly children: ReactNode
}

/** A form that is filled in and sent, or left as if nothing had been entered. */
export function FormDialog({ header, verb, form, onEnd, children }: FormDialogProps) {
  const id = useId()
  const { unsavable } = form
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (unsavable === undefined && !form.isSaving) form.save()
  }
  return (
    <Modal
      visible
      size="large"
      header={header}
      onDismiss={onEnd}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onEnd}>
              Cancel
            </Button>
            <Button
              variant="primary"
              form={id}
              loading={form.isSaving}
              disabled={unsavable !== undefined}
              {...(unsavable !== undefined && { disabledReason: unsavable })}
            >
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={id} onSubmit={submit}>
        <SpaceBetween size="l">
          {form.error !== undefined && <Alert type="error">{form.error}</Alert>}
          {children}
        </SpaceBetween>
      </form>
    </Modal>
  )
}
