import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { SourceServer } from '../api/source-server.ts'
import { rowsShown } from '../lists/cut-rows.ts'
import { Pages } from '../lists/pages.tsx'
import { useChosenRows } from '../lists/use-chosen-rows.ts'
import { SELECTION_MAX } from '../servers/actions.ts'
import { COLUMNS } from '../servers/columns.tsx'
import { ServerActions } from '../servers/server-actions.tsx'
import { PermittedButton } from '../session/permitted-button.tsx'
import { usePermission } from '../session/session.ts'
import { useParameters } from '../shell/url-parameters.ts'
import { AddServersDialog } from './add-servers-dialog.tsx'
import { DisassociateDialog } from './disassociate-dialog.tsx'
import type { Group } from './group.ts'
import { type Kind, KINDS, MEMBERS_AT_ONCE_MAX } from './kinds.ts'
import { useMemberServers } from './member-servers.ts'

/** Which of the columns of the list of servers, in its order. */
const SHOWN: Readonly<Record<Kind, readonly string[]>> = {
  application: ['name', 'alerts', 'lifecycle', 'replication', 'nextStep', 'lag'],
  wave: ['name', 'alerts', 'lifecycle', 'replication', 'nextStep', 'application'],
}

/** The servers of a group, and what can be done to all of them, or to the chosen ones. */
export function MembersTable({ group }: { readonly group: Group }) {
  const [params, change] = useParameters()
  const { page } = rowsShown(params)
  const refusal = usePermission()('landfall:SearchSourceServers')
  const { data, error, isPending } = useMemberServers(group, {
    page,
    enabled: refusal === undefined,
  })
  const items = data?.items ?? []
  const total = data?.total ?? 0
  const [chosen, choice] = useChosenRows(items, ({ sourceServerID }) => sourceServerID)
  const isWave = group.kind === 'wave'
  const columns = columnsOf(group.kind)
  return (
    <Table
      items={items}
      columnDefinitions={columns}
      loading={isPending && refusal === undefined}
      loadingText="Loading source servers"
      {...choice}
      ariaLabels={{
        tableLabel: 'Source servers',
        selectionGroupLabel: 'Choice of source servers',
        allItemsSelectionLabel: () => 'Choose all source servers of this page',
        itemSelectionLabel: (_, { sourceServerID }) => `Choose ${sourceServerID}`,
      }}
      header={
        <SpaceBetween size="s">
          {error && <Alert type="error">{error.message}</Alert>}
          {refusal !== undefined && <Alert type="info">{refusal}</Alert>}
          <MembersHeader {...{ group, items, chosen, total }} />
        </SpaceBetween>
      }
      pagination={
        total > SELECTION_MAX && (
          <Pages
            page={page}
            pages={Math.ceil(total / SELECTION_MAX)}
            onChange={(to) => change({ page: String(to) })}
          />
        )
      }
      empty={
        <Box textAlign="center" color="inherit" padding="l">
          {isWave
            ? 'No source servers. Those of the applications in this wave are shown here.'
            : 'No source servers yet. Add those that move together.'}
        </Box>
      }
    />
  )
}

/** Without a way to sort: a page has as many as can be acted on at once. */
function columnsOf(kind: Kind): TableProps.ColumnDefinition<SourceServer>[] {
  const shown = COLUMNS.filter(({ id }) => SHOWN[kind].includes(id))
  return shown.map((column) => ({ ...column, sortingField: '' }))
}

interface MembersHeaderProps {
  readonly group: Group
  readonly items: readonly SourceServer[]
  readonly chosen: readonly SourceServer[]
  readonly total: number
}

function MembersHeader({ group, items, chosen, total }: MembersHeaderProps) {
  const [asked, setAsked] = useState<'add' | 'disassociate'>()
  const { associate, disassociate, text } = KINDS[group.kind]
  // Without a choice, all of them are meant, as long as that is no more than can be done at once.
  const targets = chosen.length > 0 ? chosen : total <= SELECTION_MAX ? items : []
  const isApplication = group.kind === 'application'
  const end = () => setAsked(undefined)
  return (
    <Header
      variant="h2"
      counter={`(${chosen.length > 0 ? `${chosen.length}/` : ''}${total})`}
      description={whatFor(text, { chosen: chosen.length, total })}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {total > 0 && <ServerActions servers={targets} />}
          {isApplication && (
            <PermittedButton
              actions={[disassociate]}
              lacks={lacksFor(chosen.length)}
              onClick={() => setAsked('disassociate')}
            >
              Disassociate
            </PermittedButton>
          )}
          {isApplication && (
            <PermittedButton
              actions={['landfall:SearchSourceServers', associate]}
              onClick={() => setAsked('add')}
            >
              Add source servers
            </PermittedButton>
          )}
        </SpaceBetween>
      }
    >
      Source servers
      {asked === 'add' && <AddServersDialog application={group} onEnd={end} />}
      {asked === 'disassociate' && (
        <DisassociateDialog
          group={group}
          ids={chosen.map(({ sourceServerID }) => sourceServerID)}
          onEnd={end}
        />
      )}
    </Header>
  )
}

function whatFor(text: string, { chosen, total }: { chosen: number; total: number }): string {
  if (total === 0) return ''
  if (chosen > 0) return 'Actions are for those that are selected.'
  if (total > SELECTION_MAX) return `Select up to ${SELECTION_MAX} for actions.`
  return `Actions are for all of the ${text.toLowerCase()}, or those you select.`
}

/** Why that many cannot be taken out of a group at once. */
export function lacksFor(count: number): string | undefined {
  if (count === 0) return 'Select some first.'
  return count > MEMBERS_AT_ONCE_MAX ? `Select at most ${MEMBERS_AT_ONCE_MAX}.` : undefined
}
