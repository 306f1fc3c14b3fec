import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Input from '@cloudscape-design/components/input'

export interface Tag {
  readonly key: string
  readonly value: string
}

interface TagsFieldProps {
  readonly tags: readonly Tag[]
  /** How many there may be; absent: the service says so. */
  readonly tagsMax?: number
  readonly isReadOnly?: boolean
  readonly onChange: (tags: readonly Tag[]) => void
}

/** Keys and values in rows. */
export function TagsField({ tags, tagsMax, isReadOnly = false, onChange }: TagsFieldProps) {
  const change = (index: number, changed: Partial<Tag>) =>
    onChange(tags.map((tag, at) => (at === index ? { ...tag, ...changed } : tag)))
  const cell = (name: keyof Tag, label: string) => ({
    label,
    control: (tag: Tag, index: number) => (
      <Input
        value={tag[name]}
        readOnly={isReadOnly}
        onChange={({ detail }) => change(index, { [name]: detail.value })}
      />
    ),
  })
  return (
    <AttributeEditor<Tag>
      items={tags}
      definition={[cell('key', 'Key'), cell('value', 'Value')]}
      empty="No tags."
      addButtonText="Add tag"
      removeButtonText="Remove"
      removeButtonAriaLabel={({ key }) => `Remove tag ${key}`}
      isItemRemovable={() => !isReadOnly}
      disableAddButton={isReadOnly || (tagsMax !== undefined && tags.length >= tagsMax)}
      onAddButtonClick={() => onChange([...tags, { key: '', value: '' }])}
      onRemoveButtonClick={({ detail }) =>
        onChange(tags.filter((_, index) => index !== detail.itemIndex))
      }
    />
  )
}

/** As the API has them; rows without a key are nothing yet. */
export function tagsMap(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.filter(({ key }) => key !== '').map((t) => [t.key, t.value]))
}

export function tagRows(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }))
}
