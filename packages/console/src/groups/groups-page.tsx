import SegmentedControl from '@cloudscape-design/components/segmented-control'
import type { TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import { ListTable } from '../lists/list-table.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { Readable } from '../session/readable.tsx'
import { PageLink } from '../shell/page-link.tsx'
import { useParameters } from '../shell/url-parameters.ts'
import { Moment } from '../time/moment.tsx'
import { type Group, useGroups } from './group.ts'
import { GroupDialog } from './group-dialog.tsx'
import { KINDS, type Kind } from './kinds.ts'
import { GroupHealth, GroupProgress } from './status.tsx'

export function ApplicationsPage() {
  return <GroupsPage kind="application" />
}

export function WavesPage() {
  return <GroupsPage kind="wave" />
}

function GroupsPage({ kind }: { readonly kind: Kind }) {
  const { plural, list } = KINDS[kind]
  return (
    <Readable title={plural} action={list}>
      <Groups kind={kind} />
    </Readable>
  )
}

const EMPTY: Readonly<Record<Kind, string>> = {
  application:
    'No applications yet. Create one, and put source servers into it that move together.',
  wave: 'No waves yet. Create one, and put applications into it that are cut over in one night.',
}

/** All of a kind, archived or not; which of them is in the page's address. */
function Groups({ kind }: { readonly kind: Kind }) {
  const { text, plural, create } = KINDS[kind]
  const [params, change] = useParameters()
  const [isCreating, setCreating] = useState(false)
  const isArchived = params.get('view') === 'archived'
  const groups = useGroups(kind, { isArchived })
  return (
    <>
      <ListTable<Group>
        title={plural}
        list={groups}
        columns={columnsOf(kind)}
        idOf={({ id }) => id}
        textOf={({ id, name, description }) => `${id} ${name} ${description}`}
        empty={isArchived ? `No archived ${plural.toLowerCase()}.` : EMPTY[kind]}
        actions={
          <PermittedButton variant="primary" actions={[create]} onClick={() => setCreating(true)}>
            Create {text.toLowerCase()}
          </PermittedButton>
        }
        above={
          <SegmentedControl
            label={`Which ${plural.toLowerCase()}`}
            selectedId={isArchived ? 'archived' : 'active'}
            options={[
              { id: 'active', text: 'Active' },
              { id: 'archived', text: 'Archived' },
            ]}
            onChange={({ detail: { selectedId } }) =>
              change({ view: selectedId === 'archived' ? selectedId : undefined, page: undefined })
            }
          />
        }
      />
      {isCreating && <GroupDialog kind={kind} onEnd={() => setCreating(false)} />}
    </>
  )
}

/** The columns of a table of groups. */
export function columnsOf(kind: Kind): TableProps.ColumnDefinition<Group>[] {
  const { path, members } = KINDS[kind]
  return [
    {
      id: 'name',
      header: 'Name',
      isRowHeader: true,
      cell: ({ id, name }) => <PageLink to={`${path}/${id}`}>{name}</PageLink>,
    },
    { id: 'health', header: 'Health', cell: (group) => <GroupHealth group={group} /> },
    { id: 'progress', header: 'Progress', cell: (group) => <GroupProgress group={group} /> },
    { id: 'members', header: members, cell: ({ membersCount }) => membersCount },
    { id: 'description', header: 'Description', cell: ({ description }) => description || '–' },
    { id: 'created', header: 'Created', cell: ({ createdAt }) => <Moment at={createdAt} /> },
  ]
}
