import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { type Bound, errorText } from './bound.ts'

export interface Tag {
  readonly key: string
  readonly value: string
}

interface TagsFieldProps {
  readonly label: string
  readonly description?: string
  readonly of: Bound<readonly Tag[]>
  readonly tagsMax: number
}

/** Keys with values, in any number up to the greatest. */
export function TagsField({ label, description, of, tagsMax }: TagsFieldProps) {
  const { value: tags, set, isReadOnly } = of
  const change = (index: number, changed: Partial<Tag>) =>
    set(tags.map((tag, at) => (at === index ? { ...tag, ...changed } : tag)))
  const cell = (name: keyof Tag, words: string) => ({
    label: words,
    control: (tag: Tag, index: number) => (
      <Input
        value={tag[name]}
        readOnly={isReadOnly}
        onChange={({ detail }) => change(index, { [name]: detail.value })}
      />
    ),
  })
  return (
    <FormField label={label} description={description} errorText={errorText(of)} stretch>
      <AttributeEditor
        items={tags}
        definition={[cell('key', 'Key'), cell('value', 'Value')]}
        empty="No tags."
        addButtonText="Add tag"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ key }) => `Remove tag ${key}`}
        isItemRemovable={() => !isReadOnly}
        disableAddButton={isReadOnly || tags.length >= tagsMax}
        onAddButtonClick={() => set([...tags, { key: '', value: '' }])}
        onRemoveButtonClick={({ detail }) =>
          set(tags.filter((_, index) => index !== detail.itemIndex))
        }
      />
    </FormField>
  )
}
