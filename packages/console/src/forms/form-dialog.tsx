import SpaceBetween from '@cloudscape-design/components/space-between'
import { type SubmitEvent, useId } from 'react'
import { DialogFrame, type DialogFrameProps } from '../dialogs/dialog-frame.tsx'
import type { FormState } from './use-settings-form.ts'

interface FormDialogProps extends Pick<DialogFrameProps, 'header' | 'verb' | 'onEnd' | 'children'> {
  readonly form: FormState
}

/** A form that is filled in and sent, or left as if nothing had been entered. */
export function FormDialog({ form, children, ...frame }: FormDialogProps) {
  const id = useId()
  const { unsavable, isSaving, error } = form
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (unsavable === undefined && !isSaving) form.save()
  }
  return (
    <DialogFrame
      {...frame}
      size="large"
      press={{ form: id }}
      lacks={unsavable}
      isBusy={isSaving}
      error={error}
    >
      <form id={id} onSubmit={submit}>
        <SpaceBetween size="l">{children}</SpaceBetween>
      </form>
    </DialogFrame>
  )
}
