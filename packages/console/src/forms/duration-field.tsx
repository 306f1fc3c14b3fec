import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import { useState } from 'react'
import { type Bound, errorText } from './bound.ts'
import { minutesIn, type Unit, unitOf, UNITS } from './minutes.ts'

interface DurationFieldProps {
  readonly label: string
  readonly description?: string
  /** In minutes. */
  readonly of: Bound<number>
}

/** A length of time, in the unit that it divides by until another is chosen. */
export function DurationField({ label, description, of }: DurationFieldProps) {
  const { value, set, isReadOnly } = of
  const [chosen, setChosen] = useState<Unit>()
  const unit = chosen ?? unitOf(value)
  const length = minutesIn(unit)
  const isMissing = Number.isNaN(value)
  const enter = (text: string) => {
    // While somebody types, the unit stays.
    setChosen(unit)
    set(text === '' ? Number.NaN : Number(text) * length)
  }
  const choose = (next: Unit) => {
    setChosen(next)
    set((value / length) * minutesIn(next))
  }
  return (
    <FormField
      label={label}
      description={description}
      errorText={isMissing ? 'Enter a number.' : errorText(of)}
      secondaryControl={
        <Select
          ariaLabel={`Unit: ${label}`}
          selectedOption={UNITS.find((one) => one.value === unit) ?? null}
          options={UNITS}
          readOnly={isReadOnly}
          onChange={({ detail }) => choose(detail.selectedOption.value as Unit)}
        />
      }
    >
      <Input
        type="number"
        inputMode="numeric"
        value={isMissing ? '' : String(value / length)}
        readOnly={isReadOnly}
        onChange={({ detail }) => enter(detail.value)}
      />
    </FormField>
  )
}
