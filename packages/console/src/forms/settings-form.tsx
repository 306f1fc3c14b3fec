import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode, SubmitEvent } from 'react'
import { RefusableButton } from '../shell/refusable-button.tsx'
import type { FormState } from './use-settings-form.ts'

interface SettingsFormProps {
  readonly header: string
  /** What the settings are for, and when a change has an effect. */
  readonly description: string
  readonly form: FormState
  /** What else can be done with the settings. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** Settings that are saved together, with what was refused at its field. */
export function SettingsFormContainer(props: SettingsFormProps) {
  const { header, description, form, actions, children } = props
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (form.unsavable === undefined && !form.isSaving) form.save()
  }
  return (
    <form onSubmit={submit} aria-label={header}>
      <Container
        header={
          <Header variant="h2" description={description} actions={actions}>
            {header}
          </Header>
        }
        footer={<Buttons form={form} />}
      >
        <SpaceBetween size="l">
          {form.error !== undefined && (
            <Alert type="error" header="Not saved">
              {form.error}
            </Alert>
          )}
          {children}
        </SpaceBetween>
      </Container>
    </form>
  )
}

function Buttons({ form }: { readonly form: FormState }) {
  const { unsavable, isDirty, isSaving, discard } = form
  return (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        {isDirty && (
          <Button formAction="none" variant="link" disabled={isSaving} onClick={discard}>
            Discard changes
          </Button>
        )}
        <RefusableButton
          variant="primary"
          formAction="submit"
          loading={isSaving}
          refusal={unsavable}
        >
          Save
        </RefusableButton>
      </SpaceBetween>
    </Box>
  )
}
