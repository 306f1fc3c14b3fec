import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type ApiError, call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { ConfirmDialog, type Deed } from '../dialogs/confirm-dialog.tsx'
import { usePermission } from '../session/session.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { formatSeconds } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import {
  hoursOf,
  type Rehearsal,
  type RehearsalsView,
  scheduleChoices,
  VERDICTS,
} from './rehearsal-words.ts'

const COLUMNS: readonly TableProps.ColumnDefinition<Rehearsal>[] = [
  {
    id: 'started',
    header: 'Started',
    isRowHeader: true,
    cell: ({ startedDateTime }) => <Moment at={startedDateTime} />,
  },
  {
    id: 'verdict',
    header: 'Verdict',
    minWidth: 130,
    cell: ({ verdict, detail }) => {
      const [type, words] = VERDICTS[verdict]
      return (
        <>
          <StatusIndicator type={type}>{words}</StatusIndicator>
          {detail !== undefined && <Box variant="small">{detail}</Box>}
        </>
      )
    },
  },
  {
    id: 'booted',
    header: 'Booted within',
    cell: ({ bootedSeconds }) => (bootedSeconds === undefined ? '–' : formatSeconds(bootedSeconds)),
  },
  {
    id: 'point',
    header: 'Point of',
    cell: ({ pointTakenDateTime }) => <Moment at={pointTakenDateTime} />,
  },
  { id: 'ended', header: 'Ended', cell: ({ endedDateTime }) => <Moment at={endedDateTime} /> },
  { id: 'instance', header: 'Instance', cell: ({ instanceID }) => instanceID ?? '–' },
]

/** Whether the newest point boots, as it was tried; and how often it is. */
export function Rehearsals({ server }: { readonly server: SourceServer }) {
  const { sourceServerID } = server
  const { data, error, isPending } = usePolled<RehearsalsView>('landfall:GetRehearsals', {
    sourceServerID,
  })
  return (
    <Table
      variant="container"
      wrapLines
      items={[...(data?.rehearsals ?? [])]}
      columnDefinitions={COLUMNS}
      trackBy="startedDateTime"
      loading={isPending}
      loadingText="Loading rehearsals"
      ariaLabels={{ tableLabel: 'Rehearsals' }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            description="The newest point is made bootable, launched where it meets nobody, and removed again."
            actions={<RehearsalActions server={server} view={data} />}
          >
            Rehearsals
          </Header>
          {error && <Alert type="error">{error.message}</Alert>}
        </SpaceBetween>
      }
      empty="Nothing was rehearsed yet. Rehearse now, or choose how often it is done."
    />
  )
}

const REHEARSE: Deed = {
  text: 'Rehearse now',
  effect:
    'The newest point is converted and launched where it meets nobody, and removed as soon as it ' +
    'has booted or has not. The life cycle and a test instance stay as they are.',
  undo: { possible: true, how: 'It ends by itself, and leaves the verdict.' },
  verb: 'Rehearse',
}

interface RehearsalActionsProps {
  readonly server: SourceServer
  readonly view: RehearsalsView | undefined
}

function RehearsalActions({ server, view }: RehearsalActionsProps) {
  const [isAsked, setIsAsked] = useState(false)
  const permission = usePermission()
  const { sourceServerID } = server
  const isRunning = view?.rehearsals.some(({ verdict }) => verdict === 'RUNNING')
  const reason =
    permission('landfall:StartRehearsal') ?? (isRunning ? 'It is being rehearsed.' : undefined)
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {view && <Schedule view={view} />}
      <RefusableButton refusal={reason} onClick={() => setIsAsked(true)}>
        {REHEARSE.text}
      </RefusableButton>
      {isAsked && (
        <ConfirmDialog
          {...REHEARSE}
          run={() => call('landfall:StartRehearsal', { sourceServerID })}
          done={`${REHEARSE.text}: ${serverName(server)}`}
          onEnd={() => setIsAsked(false)}
        />
      )}
    </SpaceBetween>
  )
}

/** How often the server is rehearsed; a choice holds at once. */
function Schedule({ view }: { readonly view: RehearsalsView }) {
  const permission = usePermission()
  const queries = useQueryClient()
  const { sourceServerID, everyHours } = view
  const choose = useMutation<unknown, ApiError, string>({
    mutationFn: (value) =>
      call('landfall:UpdateRehearsalSettings', { sourceServerID, everyHours: hoursOf(value) }),
    onSettled: () => queries.invalidateQueries(),
  })
  const choices = scheduleChoices(everyHours)
  const selected = choices.find(({ value }) => hoursOf(value) === everyHours) ?? null
  return (
    <>
      <Select
        ariaLabel="How often it is rehearsed"
        selectedOption={selected}
        options={choices}
        disabled={permission('landfall:UpdateRehearsalSettings') !== undefined}
        onChange={({ detail }) => choose.mutate(detail.selectedOption.value ?? '')}
      />
      {choose.error && <Alert type="error">{choose.error.message}</Alert>}
    </>
  )
}
