import Input from '@cloudscape-design/components/input'
import Multiselect from '@cloudscape-design/components/multiselect'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TextFilter from '@cloudscape-design/components/text-filter'
import Toggle from '@cloudscape-design/components/toggle'
import { LIFECYCLE_STATES, type LifecycleState } from '@landfall/model'
import { useEffect, useState } from 'react'
import type { Action } from '../api/call.ts'
import { useWholeList } from '../api/whole-list.ts'
import { usePermission } from '../session/session.ts'
import { readTag, type Search, tagText } from './use-search.ts'
import { LIFECYCLE_WORDS } from './words.ts'

/** Whoever types is let finish the word. */
const TYPING_MS = 100

const STATES = LIFECYCLE_STATES.map((state) => ({ value: state, label: LIFECYCLE_WORDS[state] }))

interface SearchFieldsProps {
  readonly search: Search
  readonly onChange: (change: Partial<Search>) => void
}

/** What the list shows: only servers to which all of it applies. */
export function SearchFields({ search, onChange }: SearchFieldsProps) {
  const [text, setText] = useTyped(search.text ?? '', (typed) => onChange({ text: typed }))
  const [tag, setTag] = useTyped(tagText(search.tag), (typed) => onChange({ tag: readTag(typed) }))
  const waves = useGroups('mgn:ListWaves', 'waveID')
  const applications = useGroups('mgn:ListApplications', 'applicationID')
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <TextFilter
        filteringText={text}
        filteringPlaceholder="Find by name, ID or tag"
        filteringAriaLabel="Find source servers"
        onChange={({ detail }) => setText(detail.filteringText)}
      />
      <Choices
        name="Migration lifecycle"
        any="Any lifecycle"
        options={STATES}
        chosen={search.lifeCycleStates}
        onChange={(states) => onChange({ lifeCycleStates: states as LifecycleState[] })}
      />
      <Choices
        name="Wave"
        any="Any wave"
        options={waves}
        chosen={search.waveIDs}
        onChange={(waveIDs) => onChange({ waveIDs })}
      />
      <Choices
        name="Application"
        any="Any application"
        options={applications}
        chosen={search.applicationIDs}
        onChange={(applicationIDs) => onChange({ applicationIDs })}
      />
      <Input
        value={tag}
        placeholder="Tag: Key or Key=Value"
        ariaLabel="Tag"
        onChange={({ detail }) => setTag(detail.value)}
      />
      <Toggle
        checked={search.isStalled === true}
        onChange={({ detail }) => onChange({ isStalled: detail.checked || undefined })}
      >
        Stalled only
      </Toggle>
    </SpaceBetween>
  )
}

/** What is typed is shown at once, and told when it was finished. */
function useTyped(
  told: string,
  tell: (typed: string) => void,
): readonly [string, (typed: string) => void] {
  const [typed, setTyped] = useState(told)
  useEffect(() => {
    if (typed === told) return
    const later = setTimeout(() => tell(typed), TYPING_MS)
    return () => clearTimeout(later)
  }, [typed, told, tell])
  return [typed, setTyped]
}

interface Option {
  readonly value: string
  readonly label: string
}

/**
 * Waves or applications to choose from; none where they may not be listed. Their health is computed
 * from all of their servers, which is too much to ask for again and again beside the list.
 */
function useGroups(action: Action, idMember: 'waveID' | 'applicationID'): readonly Option[] {
  const enabled = usePermission()(action) === undefined
  const { data = [] } = useWholeList<Record<string, string>>(
    action,
    {},
    { enabled, isPolled: false },
  )
  return data.map((group) => ({ value: group[idMember] ?? '', label: group['name'] ?? '' }))
}

interface ChoicesProps {
  readonly name: string
  /** What is shown when nothing is chosen. */
  readonly any: string
  readonly options: readonly Option[]
  readonly chosen: readonly string[] | undefined
  readonly onChange: (chosen: string[]) => void
}

function Choices({ name, any, options, chosen = [], onChange }: ChoicesProps) {
  return (
    <Multiselect
      selectedOptions={options.filter(({ value }) => chosen.includes(value))}
      options={options}
      placeholder={any}
      ariaLabel={name}
      inlineTokens
      filteringType={options.length > MANY_OPTIONS ? 'auto' : 'none'}
      empty="There are none."
      onChange={({ detail }) =>
        onChange(detail.selectedOptions.flatMap(({ value }) => value ?? []))
      }
    />
  )
}

/** From so many on they are looked for by typing. */
const MANY_OPTIONS = 10
