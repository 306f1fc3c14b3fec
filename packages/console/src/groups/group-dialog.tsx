import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Textarea from '@cloudscape-design/components/textarea'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { call } from '../api/call.ts'
import { changeTags, type Tags } from '../api/tags.ts'
import { Dialog } from '../dialogs/dialog.tsx'
import { type Tag, tagRows, TagsField, tagsMap } from '../forms/tags-field.tsx'
import { type Group, type RawGroup, toGroup } from './group.ts'
import { KINDS, type Kind } from './kinds.ts'

interface GroupDialogProps {
  readonly kind: Kind
  /** The one that is edited; absent: a new one is made. */
  readonly group?: Group
  readonly onEnd: () => void
}

/** Makes a group, or changes one. */
export function GroupDialog({ kind, group, onEnd }: GroupDialogProps) {
  const { text, path } = KINDS[kind]
  const navigate = useNavigate()
  const [name, setName] = useState(group?.name ?? '')
  const [description, setDescription] = useState(group?.description ?? '')
  const [tags, setTags] = useState<readonly Tag[]>(() => tagRows(group?.tags ?? {}))
  const given = { name: name.trim(), description: description.trim(), tags: tagsMap(tags) }
  const run = async () => {
    if (group !== undefined) return await changeGroup(group, given)
    const made = toGroup(kind, await call<RawGroup>(KINDS[kind].create, given))
    void navigate(`${path}/${made.id}`)
  }
  const isNew = group === undefined
  return (
    <Dialog
      header={isNew ? `Create ${text.toLowerCase()}` : `Edit ${group.name}`}
      verb={isNew ? 'Create' : 'Save'}
      done={`${text} ${given.name} ${isNew ? 'was created' : 'was changed'}`}
      lacks={given.name === '' ? 'Give it a name.' : undefined}
      onEnd={onEnd}
      run={run}
    >
      <FormField label="Name" constraintText="No other of its kind has it. At most 256 characters.">
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label="Description" constraintText="At most 600 characters.">
        <Textarea
          value={description}
          rows={2}
          onChange={({ detail }) => setDescription(detail.value)}
        />
      </FormField>
      <TagsField tags={tags} onChange={setTags} />
    </Dialog>
  )
}

interface Given {
  readonly name: string
  readonly description: string
  readonly tags: Tags
}

async function changeGroup({ kind, id, arn, tags: before }: Group, given: Given): Promise<void> {
  const { tags, ...rest } = given
  await call(KINDS[kind].update, { [KINDS[kind].id]: id, ...rest })
  await changeTags(arn, before, tags)
}
