import DateRangePicker from '@cloudscape-design/components/date-range-picker'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect, useRef, useState } from 'react'
import type { ChangeParameters } from '../shell/url-parameters.ts'
import type { AuditSearch } from './search.ts'

/** Whoever types is let finish the word. */
const TYPING_MS = 400

const RESULTS = [
  { value: '', label: 'Any result' },
  { value: 'done', label: 'Done' },
  { value: 'other', label: 'Refused or failed' },
]

interface AuditFiltersProps {
  readonly search: AuditSearch
  readonly onChange: ChangeParameters
}

export function AuditFilters({ search, onChange }: AuditFiltersProps) {
  const { action, caller, from, until, result } = search
  const changed: ChangeParameters = (change) => onChange({ ...change, after: undefined })
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <TypedFilter
        label="Action"
        placeholder="Action, e.g. mgn:StartCutover"
        value={action}
        onTyped={(text) => changed({ action: text })}
      />
      <TypedFilter
        label="Caller"
        placeholder="Caller: a name or an ARN"
        value={caller}
        onTyped={(text) => changed({ caller: text })}
      />
      <Select
        ariaLabel="Result"
        selectedOption={RESULTS.find(({ value }) => value === result) ?? null}
        options={RESULTS}
        onChange={({ detail }) => changed({ result: detail.selectedOption.value })}
      />
      <DateRangePicker
        ariaLabel="Between"
        rangeSelectorMode="absolute-only"
        relativeOptions={[]}
        isValidRange={() => ({ valid: true })}
        placeholder="Any time"
        value={
          from !== '' && until !== '' ? { type: 'absolute', startDate: from, endDate: until } : null
        }
        onChange={({ detail: { value } }) =>
          changed(
            value?.type === 'absolute'
              ? { from: value.startDate, until: value.endDate }
              : { from: undefined, until: undefined },
          )
        }
      />
    </SpaceBetween>
  )
}

interface TypedFilterProps {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onTyped: (text: string) => void
}

function TypedFilter({ label, placeholder, value, onTyped }: TypedFilterProps) {
  const [text, setText] = useState(value)
  const sent = useRef(value)
  useEffect(() => {
    // What was typed here comes back as it was sent; something else has another part of the page.
    if (value === sent.current) return
    sent.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    const typed = text.trim()
    if (typed === sent.current) return
    const later = setTimeout(() => {
      sent.current = typed
      onTyped(typed)
    }, TYPING_MS)
    return () => clearTimeout(later)
  }, [text, onTyped])
  return (
    <Input
      type="search"
      ariaLabel={label}
      placeholder={placeholder}
      value={text}
      onChange={({ detail }) => setText(detail.value)}
    />
  )
}
