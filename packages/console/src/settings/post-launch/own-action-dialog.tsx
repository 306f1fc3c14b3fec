import Autosuggest from '@cloudscape-design/components/autosuggest'
import ColumnLayout from '@cloudscape-design/components/column-layout'
import FormField from '@cloudscape-design/components/form-field'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { ApiError, call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { type Bound, errorText, memberOf } from '../../forms/bound.ts'
import { NumberField, SelectField, SwitchField, TextField } from '../../forms/fields.tsx'
import { FormDialog } from '../../forms/form-dialog.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { actionFor, type Owner, PUT_ACTIONS } from '../owner.ts'
import { type ActionDraft, actionOf, draftOf, newDraft, type PostLaunchAction } from './action.ts'
import { ExternalRows, ParameterRows } from './parameter-rows.tsx'

/** MGN's categories. */
const CATEGORIES = [
  'VALIDATION',
  'OPERATING_SYSTEM',
  'NETWORKING',
  'CONFIGURATION',
  'SECURITY',
  'OBSERVABILITY',
  'BACKUP',
  'DISASTER_RECOVERY',
  'LICENSE_AND_SUBSCRIPTION',
  'REFACTORING',
  'OTHER',
].map((value) => ({ value, label: value.toLowerCase().replaceAll('_', ' ') }))

interface OwnActionDialogProps {
  readonly owner: Owner
  readonly actions: readonly PostLaunchAction[]
  /** Absent: a new one. */
  readonly action?: PostLaunchAction
  readonly onEnd: () => void
}

/** Puts an action of one's own: an SSM document, with where its parameters' values are. */
export function OwnActionDialog({ owner, actions, action, onEnd }: OwnActionDialogProps) {
  const put = actionFor(owner, PUT_ACTIONS)
  const isNew = action === undefined
  const form = useSettingsForm<ActionDraft>({
    saved: isNew ? newDraft(actions) : draftOf(action),
    save: async (_, draft) => {
      if (isNew) refuseTaken(draft, actions)
      const { operatingSystem } = action ?? {}
      const kept = operatingSystem === undefined ? {} : { operatingSystem }
      await call(put, { ...owner.id, ...kept, ...actionOf(draft) })
    },
    notice: 'The action is saved.',
    refusal: usePermission()(put),
    isNew,
    onSaved: onEnd,
  })
  return (
    <FormDialog
      header={isNew ? 'Add own action' : `Edit ${action.actionName}`}
      verb={isNew ? 'Add' : 'Save'}
      form={form}
      onEnd={onEnd}
    >
      <Fields of={form.all} isNew={isNew} />
    </FormDialog>
  )
}

/** The service puts an action in the place of the one with its ID, which would be lost. */
function refuseTaken({ actionID }: ActionDraft, actions: readonly PostLaunchAction[]) {
  const taken = actions.find((other) => other.actionID === actionID)
  if (taken === undefined) return
  const message = `is that of “${taken.actionName}”; choose another, or edit that one`
  const fields = [{ name: 'actionID', message }]
  throw new ApiError(message, { status: 400, type: 'ValidationException', fields })
}

interface FieldsProps {
  readonly of: Bound<ActionDraft>
  readonly isNew: boolean
}

function Fields({ of, isNew }: FieldsProps) {
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <TextField label="Name" of={memberOf(of, 'actionName')} />
        {isNew && (
          <TextField
            label="Action ID"
            description="How the command line names it."
            of={memberOf(of, 'actionID')}
          />
        )}
        <DocumentField of={memberOf(of, 'documentIdentifier')} />
        <TextField
          label="Version of the document"
          constraint="A number, $DEFAULT or $LATEST."
          of={memberOf(of, 'documentVersion')}
        />
        <NumberField
          label="Order"
          constraint="1001 to 10000; lower runs first."
          of={memberOf(of, 'order')}
        />
        <NumberField label="Seconds it may take" of={memberOf(of, 'timeoutSeconds')} />
        <SelectField label="Category" options={CATEGORIES} of={memberOf(of, 'category')} />
        <TextField label="Description" of={memberOf(of, 'description')} />
      </ColumnLayout>
      <SwitchField
        label="Active"
        description="It runs after the next launch."
        of={memberOf(of, 'active')}
      />
      <SwitchField
        label="Must succeed for the cutover"
        description="No cutover is finalised before it has succeeded on the cutover instance."
        of={memberOf(of, 'mustSucceedForCutover')}
      />
      <ParameterRows of={memberOf(of, 'parameters')} />
      <ExternalRows of={memberOf(of, 'externalParameters')} />
    </SpaceBetween>
  )
}

interface Documents {
  readonly DocumentIdentifiers: readonly { readonly Name: string }[]
}

/** Names of documents are proposed; an ARN may be entered too. */
function DocumentField({ of }: { readonly of: Bound<string> }) {
  const { value, set, isReadOnly } = of
  const { data } = usePolled<Documents>('ssm:ListDocuments', {}, { pollMs: false })
  return (
    <FormField
      label="SSM document"
      description="The script that runs, as root on the instance."
      errorText={errorText(of)}
    >
      <Autosuggest
        value={value}
        readOnly={isReadOnly}
        options={(data?.DocumentIdentifiers ?? []).map(({ Name }) => ({ value: Name }))}
        enteredTextLabel={(text) => `Use “${text}”`}
        onChange={({ detail }) => set(detail.value)}
      />
    </FormField>
  )
}
