import Box from '@cloudscape-design/components/box'
import FormField from '@cloudscape-design/components/form-field'
import Modal from '@cloudscape-design/components/modal'
import Select from '@cloudscape-design/components/select'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type ApiError, call } from '../../api/call.ts'
import { usePolled } from '../../api/polling.ts'
import { type Bound, memberOf } from '../../forms/bound.ts'
import {
  LinesField,
  NumberField,
  SelectField,
  SwitchField,
  TextField,
} from '../../forms/fields.tsx'
import { FormDialog } from '../../forms/form-dialog.tsx'
import { useSettingsForm } from '../../forms/use-settings-form.ts'
import { usePermission } from '../../session/session.ts'
import { Loaded } from '../loaded.tsx'
import type { Owner } from '../owner.ts'
import type { PostLaunchAction } from './action.ts'
import {
  defaultTexts,
  givenValues,
  isList,
  type ParameterTexts,
  type PredefinedAction,
  type PredefinedParameter,
} from './predefined.ts'
import { readStoredTexts } from './stored-texts.ts'

interface DialogProps {
  readonly owner: Owner
  readonly onEnd: () => void
}

interface Listed {
  readonly items: readonly PredefinedAction[]
}

const usePredefined = () =>
  usePolled<Listed>('landfall:ListPredefinedActions', {}, { pollMs: false })

/** Adds one of those that are not there yet. */
export function AddPredefinedDialog({
  actions,
  ...rest
}: DialogProps & { readonly actions: readonly PostLaunchAction[] }) {
  const header = 'Add predefined action'
  const query = usePredefined()
  // As it was when the dialog opened: what is added must stay chosen until it is.
  const [thereIDs] = useState(() => actions.map(({ actionID }) => actionID))
  const items = query.data?.items.filter(({ name }) => !thereIDs.includes(name)) ?? []
  const [first] = items
  if (first === undefined) {
    return (
      <Modal visible header={header} onDismiss={rest.onEnd}>
        <Loaded query={query} what="the predefined actions">
          {() => 'All predefined actions are there already. Edit the one that should change.'}
        </Loaded>
      </Modal>
    )
  }
  return <PredefinedForm header={header} choices={items} draft={draftOf(first)} isNew {...rest} />
}

/** Changes the values of one that is there. */
export function EditPredefinedDialog({
  action,
  owner,
  onEnd,
}: DialogProps & { readonly action: PostLaunchAction }) {
  const header = `Edit ${action.actionName}`
  const predefined = usePredefined().data?.items.find(({ name }) => name === action.actionID)
  const stored = useQuery<ParameterTexts, ApiError>({
    queryKey: ['stored texts', action.parameters],
    queryFn: ({ signal }) => readStoredTexts(action, signal),
  })
  if (predefined === undefined || stored.data === undefined) {
    return (
      <Modal visible header={header} onDismiss={onEnd}>
        <Loaded query={stored} what="the action’s values">
          {() => 'Loading'}
        </Loaded>
      </Modal>
    )
  }
  const { active, mustSucceedForCutover, timeoutSeconds } = action
  const { name } = predefined
  const parameters = { ...defaultTexts(predefined), ...stored.data }
  const draft = { name, parameters, active, mustSucceedForCutover, timeoutSeconds }
  return (
    <PredefinedForm header={header} choices={[predefined]} draft={draft} {...{ owner, onEnd }} />
  )
}

interface Draft {
  readonly name: string
  readonly parameters: ParameterTexts
  readonly active: boolean
  readonly mustSucceedForCutover: boolean
  readonly timeoutSeconds: number
}

function draftOf(action: PredefinedAction): Draft {
  const { name, timeoutSeconds } = action
  const parameters = defaultTexts(action)
  return { name, parameters, active: true, mustSucceedForCutover: false, timeoutSeconds }
}

interface PredefinedFormProps extends DialogProps {
  readonly header: string
  readonly choices: readonly PredefinedAction[]
  readonly draft: Draft
  readonly isNew?: boolean
}

function PredefinedForm({ header, choices, draft, isNew, owner, onEnd }: PredefinedFormProps) {
  const action = 'landfall:AddPredefinedAction'
  const form = useSettingsForm<Draft>({
    saved: draft,
    save: (_, { name, parameters, ...rest }) => {
      const values = givenValues(chosenOf(choices, name), parameters)
      return call(action, { ...owner.id, ...rest, name, parameters: values })
    },
    notice: 'The action is saved.',
    refusal: usePermission()(action),
    isNew: isNew ?? false,
    onSaved: onEnd,
  })
  const { all } = form
  const chosen = chosenOf(choices, all.value.name)
  return (
    <FormDialog header={header} verb={isNew === true ? 'Add' : 'Save'} form={form} onEnd={onEnd}>
      {choices.length > 1 && (
        <FormField label="Action">
          <Select
            selectedOption={{ value: chosen.name, label: chosen.actionName }}
            options={choices.map(({ name, actionName, description }) => ({
              value: name,
              label: actionName,
              description,
            }))}
            onChange={({ detail }) =>
              all.set(draftOf(chosenOf(choices, detail.selectedOption.value)))
            }
          />
        </FormField>
      )}
      <Box>
        {chosen.description} It runs at {chosen.order}.
      </Box>
      {chosen.parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          of={memberOf(memberOf(all, 'parameters'), parameter.name)}
        />
      ))}
      <SwitchField
        label="Active"
        description="It runs after the next launch."
        of={memberOf(all, 'active')}
      />
      <SwitchField
        label="Must succeed for the cutover"
        description="No cutover is finalised before it has succeeded on the cutover instance."
        of={memberOf(all, 'mustSucceedForCutover')}
      />
      <NumberField label="Seconds it may take" of={memberOf(all, 'timeoutSeconds')} />
    </FormDialog>
  )
}

/** The name is one of the choices': it was chosen from them. */
function chosenOf(
  choices: readonly PredefinedAction[],
  chosen: string | undefined,
): PredefinedAction {
  const found = choices.find(({ name }) => name === chosen)
  if (found === undefined) throw new Error(`there is no predefined action ${chosen}`)
  return found
}

interface ParameterFieldProps {
  readonly parameter: PredefinedParameter
  readonly of: Bound<string>
}

/** The field that fits what the document says of its parameter. */
function ParameterField({ parameter, of }: ParameterFieldProps) {
  const { name, description, allowedValues, default: value } = parameter
  const about = { label: name, description, of }
  const constraint = value === undefined ? 'Must be given.' : undefined
  if (allowedValues !== undefined) {
    return <SelectField {...about} options={allowedValues.map((one) => ({ value: one }))} />
  }
  if (isList(parameter)) {
    return <LinesField {...about} constraint={`One a line. ${constraint ?? ''}`} />
  }
  return <TextField {...about} {...(constraint !== undefined && { constraint })} />
}
