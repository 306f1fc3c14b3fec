import Multiselect from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TextFilter from '@cloudscape-design/components/text-filter'
import { LIFECYCLE_STATES, type LifecycleState } from '@landfall/model'
import { useEffect, useState } from 'react'
import type { Search } from './use-search.ts'
import { LIFECYCLE_WORDS } from './words.ts'

/** Whoever types is let finish the word. */
const TYPING_MS = 100

const STATES = LIFECYCLE_STATES.map((state) => ({ value: state, label: LIFECYCLE_WORDS[state] }))

interface SearchFieldsProps {
  readonly search: Search
  readonly onChange: (change: Partial<Search>) => void
}

export function SearchFields({ search, onChange }: SearchFieldsProps) {
  const [text, setText] = useState(search.text ?? '')
  useEffect(() => {
    if (text === (search.text ?? '')) return
    const later = setTimeout(() => onChange({ text }), TYPING_MS)
    return () => clearTimeout(later)
  }, [text, search.text, onChange])
  const chosen = search.lifeCycleStates ?? []
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <TextFilter
        filteringText={text}
        filteringPlaceholder="Find by name, ID or tag"
        filteringAriaLabel="Find source servers"
        onChange={({ detail }) => setText(detail.filteringText)}
      />
      <Multiselect
        selectedOptions={STATES.filter(({ value }) => chosen.includes(value))}
        options={STATES}
        placeholder="Any lifecycle"
        ariaLabel="Migration lifecycle"
        inlineTokens
        onChange={({ detail }) =>
          onChange({
            lifeCycleStates: detail.selectedOptions.map(({ value }) => value as LifecycleState),
          })
        }
      />
    </SpaceBetween>
  )
}
