import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Input from '@cloudscape-design/components/input'

export interface Tag {
  readonly key: string
  readonly value: string
}

interface TagsFieldProps {
  readonly tags: readonly Tag[]
  readonly onChange: (tags: readonly Tag[]) => void
}

/** Keys and values in rows. */
export function TagsField({ tags, onChange }: TagsFieldProps) {
  const change = (index: number, part: Partial<Tag>) =>
    onChange(tags.map((tag, at) => (at === index ? { ...tag, ...part } : tag)))
  return (
    <AttributeEditor<Tag>
      items={tags}
      addButtonText="Add tag"
      removeButtonText="Remove"
      removeButtonAriaLabel={({ key }) => `Remove tag ${key}`}
      empty="No tags"
      onAddButtonClick={() => onChange([...tags, { key: '', value: '' }])}
      onRemoveButtonClick={({ detail }) =>
        onChange(tags.filter((_, index) => index !== detail.itemIndex))
      }
      definition={[
        {
          label: 'Key',
          control: ({ key }, index) => (
            <Input
              value={key}
              ariaLabel={`Key of tag ${index + 1}`}
              onChange={({ detail }) => change(index, { key: detail.value })}
            />
          ),
        },
        {
          label: 'Value',
          control: ({ value }, index) => (
            <Input
              value={value}
              ariaLabel={`Value of tag ${index + 1}`}
              onChange={({ detail }) => change(index, { value: detail.value })}
            />
          ),
        },
      ]}
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
