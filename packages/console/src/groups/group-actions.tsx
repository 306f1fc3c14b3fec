import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { type Action, call } from '../api/call.ts'
import { ConfirmDialog, type ReadyDeed } from '../dialogs/confirm-dialog.tsx'
import { usePermission } from '../session/session.ts'
import { menuItem } from '../shell/menu-item.ts'
import type { Group } from './group.ts'
import { GroupDialog } from './group-dialog.tsx'
import { KINDS } from './kinds.ts'

type Choice = 'edit' | 'archive' | 'unarchive' | 'remove'

/** What can be done to a group as such. */
export function GroupActions({ group }: { readonly group: Group }) {
  const { kind } = group
  const [chosen, setChosen] = useState<Choice>()
  const permission = usePermission()
  const navigate = useNavigate()
  const { update, archive, unarchive, remove, path } = KINDS[kind]
  const item = (id: Choice, text: string, action: Action) => menuItem(id, text, permission(action))
  const end = () => setChosen(undefined)
  return (
    <>
      <ButtonDropdown
        items={[
          item('edit', 'Edit', update),
          group.isArchived
            ? item('unarchive', 'Unarchive', unarchive)
            : item('archive', 'Archive', archive),
          item('remove', 'Delete', remove),
        ]}
        onItemClick={({ detail }) => setChosen(detail.id as Choice)}
      >
        Actions
      </ButtonDropdown>
      {chosen === 'edit' && <GroupDialog kind={kind} group={group} onEnd={end} />}
      {chosen !== undefined && chosen !== 'edit' && (
        <ConfirmDialog {...deedOf(chosen, group, () => void navigate(path))} onEnd={end} />
      )}
    </>
  )
}

function deedOf(choice: Exclude<Choice, 'edit'>, group: Group, onGone: () => void): ReadyDeed {
  const { id, text, members, archive, unarchive, remove } = KINDS[group.kind]
  const input = { [id]: group.id }
  const named = `${text} ${group.name}`
  switch (choice) {
    case 'archive':
      return {
        text: `Archive ${group.name}`,
        verb: 'Archive',
        done: `${named} was archived`,
        effect:
          'It is shown among the archived ones only, and nothing can be put into it. ' +
          `${members} that are not archived have to be archived, or taken out of it, before.`,
        undo: { possible: true, how: 'Unarchive it.' },
        run: () => call(archive, input),
      }
    case 'unarchive':
      return {
        text: `Unarchive ${group.name}`,
        verb: 'Unarchive',
        done: `${named} was unarchived`,
        effect: 'It is shown among the others again. What is in it stays as it is.',
        undo: { possible: true, how: 'Archive it.' },
        run: () => call(unarchive, input),
      }
    case 'remove':
      return {
        text: `Delete ${group.name}`,
        verb: 'Delete',
        done: `${named} was deleted`,
        effect: `The ${text.toLowerCase()} is forgotten. It has to be empty.`,
        undo: { possible: false, how: 'Another of the same name can be created.' },
        run: async () => {
          await call(remove, input)
          onGone()
        },
      }
  }
}
