import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select, { type SelectProps } from '@cloudscape-design/components/select'
import Textarea from '@cloudscape-design/components/textarea'
import Toggle from '@cloudscape-design/components/toggle'
import { type Bound, errorText } from './bound.ts'

interface About {
  readonly label: string
  readonly of: Pick<Bound<unknown>, 'errors'>
  /** What it does, in words. */
  readonly description?: string
  /** What it may be. */
  readonly constraint?: string
}

interface FieldProps<Value> extends About {
  readonly of: Bound<Value>
}

/** What every field shows beside its control. */
function about({ label, of, description, constraint }: About) {
  return { label, description, constraintText: constraint, errorText: errorText(of) }
}

export function TextField(props: FieldProps<string>) {
  const { value, set, isReadOnly } = props.of
  return (
    <FormField {...about(props)}>
      <Input value={value} readOnly={isReadOnly} onChange={({ detail }) => set(detail.value)} />
    </FormField>
  )
}

/** Several values, one a line. */
export function LinesField(props: FieldProps<string>) {
  const { value, set, isReadOnly } = props.of
  return (
    <FormField {...about(props)}>
      <Textarea
        value={value}
        rows={3}
        readOnly={isReadOnly}
        onChange={({ detail }) => set(detail.value)}
      />
    </FormField>
  )
}

/** A number that has to be there; while the field is empty it is NaN. */
export function NumberField(props: FieldProps<number>) {
  const { value, set, isReadOnly } = props.of
  const isMissing = Number.isNaN(value)
  return (
    <FormField {...about(props)} errorText={isMissing ? 'Enter a number.' : errorText(props.of)}>
      <Input
        type="number"
        inputMode="decimal"
        value={isMissing ? '' : String(value)}
        readOnly={isReadOnly}
        onChange={({ detail }) => set(detail.value === '' ? Number.NaN : Number(detail.value))}
      />
    </FormField>
  )
}

interface OptionalNumberProps extends FieldProps<number | undefined> {
  /** What it is when there is none. */
  readonly placeholder: string
}

export function OptionalNumberField(props: OptionalNumberProps) {
  const { value, set, isReadOnly } = props.of
  return (
    <FormField {...about(props)}>
      <Input
        type="number"
        inputMode="numeric"
        value={value === undefined ? '' : String(value)}
        placeholder={props.placeholder}
        readOnly={isReadOnly}
        onChange={({ detail }) => set(detail.value === '' ? undefined : Number(detail.value))}
      />
    </FormField>
  )
}

export function SwitchField({ label, of, description }: FieldProps<boolean>) {
  const { value, set, isReadOnly } = of
  return (
    <FormField errorText={errorText(of)}>
      <Toggle
        checked={value}
        readOnly={isReadOnly}
        description={description}
        onChange={({ detail }) => set(detail.checked)}
      >
        {label}
      </Toggle>
    </FormField>
  )
}

/** One of a few, each with what it means. */
export interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
  readonly description?: string
}

interface ChoiceFieldProps<Value extends string> extends FieldProps<Value> {
  readonly choices: readonly Choice<Value>[]
}

export function ChoiceField<Value extends string>(props: ChoiceFieldProps<Value>) {
  const { value, set, isReadOnly } = props.of
  return (
    <FormField {...about(props)}>
      <RadioGroup
        value={value}
        readOnly={isReadOnly}
        items={props.choices}
        onChange={({ detail }) => set(detail.value as Value)}
      />
    </FormField>
  )
}

interface SelectFieldProps<Value extends string> extends FieldProps<Value> {
  readonly options: readonly (SelectProps.Option & { readonly value: Value })[]
  readonly hasFilter?: boolean
}

/** One of many. What is chosen and not among them is shown as it is. */
export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { value, set, isReadOnly } = props.of
  const chosen = props.options.find((option) => option.value === value)
  return (
    <FormField {...about(props)}>
      <Select
        selectedOption={chosen ?? { value, label: value }}
        readOnly={isReadOnly}
        options={props.options}
        filteringType={props.hasFilter === true ? 'auto' : 'none'}
        onChange={({ detail }) => set(detail.selectedOption.value as Value)}
      />
    </FormField>
  )
}
