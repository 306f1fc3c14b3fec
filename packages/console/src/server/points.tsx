import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import type { PointView } from '@landfall/model'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { usePolled } from '../api/polling.ts'
import { serverName, type SourceServer } from '../api/source-server.ts'
import { ConfirmDialog } from '../dialogs/confirm-dialog.tsx'
import { exportCommands } from '../disk-files/export-commands.ts'
import { ExportDialog } from '../disk-files/export-dialog.tsx'
import { Pages } from '../lists/pages.tsx'
import { usePermission } from '../session/session.ts'
import { RefusableButton } from '../shell/refusable-button.tsx'
import { useUrlParam } from '../shell/url-parameters.ts'
import { POINT_COLUMNS } from './point-columns.tsx'
import { POINT_DEEDS, type PointDeed, startVerification } from './point-deeds.ts'
import { PointTimeLine } from './point-time-line.tsx'
import { Verification } from './verification.tsx'

const PAGE_SIZE = 10

/** The points of a server, on a time line and in a table, and what can be done about them. */
export function Points({ server }: { readonly server: SourceServer }) {
  const { sourceServerID } = server
  const input = { sourceServerID }
  const { data, error, isPending } = usePolled<{ points: PointView[] }>(
    'landfall:ListPoints',
    input,
  )
  const [chosenID, setChosenID] = useState<string>()
  const [page, setPage] = useState(1)
  const points = data?.points.toReversed() ?? []
  const chosen = points.find(({ id }) => id === chosenID)
  return (
    <Table
      variant="container"
      items={points.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)}
      columnDefinitions={POINT_COLUMNS}
      trackBy="id"
      loading={isPending}
      loadingText="Loading points"
      selectionType="single"
      selectedItems={chosen ? [chosen] : []}
      onSelectionChange={({ detail }) => setChosenID(detail.selectedItems[0]?.id)}
      ariaLabels={{
        tableLabel: 'Points',
        selectionGroupLabel: 'Choice of a point',
        itemSelectionLabel: (_, { id }) => `Choose ${id}`,
      }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            counter={`(${points.length})`}
            description="Moments of all disks. A launch takes a new one, or the newest where that fails."
            actions={<PointActions server={server} point={chosen} />}
          >
            Points
          </Header>
          {error && <Alert type="error">{error.message}</Alert>}
          <Verification />
          {points.length > 0 && (
            <div>
              <PointTimeLine points={points} />
              <Box variant="small">
                Filled: whole file systems. Hollow: as after a power failure. Ringed: verified.
              </Box>
            </div>
          )}
        </SpaceBetween>
      }
      pagination={
        <Pages
          page={page}
          pages={Math.max(1, Math.ceil(points.length / PAGE_SIZE))}
          onChange={setPage}
        />
      }
      empty="No points yet. The first one is taken when the initial sync has ended."
    />
  )
}

interface PointActionsProps {
  readonly server: SourceServer
  readonly point: PointView | undefined
}

function PointActions({ server, point }: PointActionsProps) {
  const [chosen, setChosen] = useState<PointDeed>()
  const [isExport, setExport] = useState(false)
  const [, setVerification] = useUrlParam('verification')
  const permission = usePermission()
  const { sourceServerID, refusals } = server
  const unavailable = notAvailable(point)
  const against: Readonly<Record<PointDeed, string | undefined>> = {
    take: refusals.CreatePoint,
    verify: unavailable ?? refusals.StartVerification,
    delete: point === undefined ? CHOOSE_FIRST : undefined,
  }
  const subjectOf = (deed: PointDeed) => (deed === 'take' ? serverName(server) : (point?.id ?? ''))
  const run = async (deed: PointDeed) => {
    const pointID = point?.id ?? ''
    if (deed === 'take') await call('landfall:CreatePoint', { sourceServerID })
    else if (deed === 'delete') await call('landfall:DeletePoint', { sourceServerID, pointID })
    else setVerification(await startVerification(sourceServerID, pointID))
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {(Object.keys(POINT_DEEDS) as PointDeed[]).map((deed) => {
        const { text, permission: action } = POINT_DEEDS[deed]
        const reason = permission(action) ?? against[deed]
        return (
          <RefusableButton key={deed} refusal={reason} onClick={() => setChosen(deed)}>
            {text}
          </RefusableButton>
        )
      })}
      <RefusableButton refusal={unavailable} onClick={() => setExport(true)}>
        Export point
      </RefusableButton>
      {isExport && point && (
        <ExportDialog
          header={`Export ${point.id}`}
          commands={exportCommands({
            command: ['landfall', 'points', 'export', sourceServerID, '--point', point.id],
            deviceNames: server.dataReplicationInfo.replicatedDisks.map((disk) => disk.deviceName),
            name: point.id,
          })}
          onEnd={() => setExport(false)}
        />
      )}
      {chosen && (
        <ConfirmDialog
          {...POINT_DEEDS[chosen]}
          run={() => run(chosen)}
          done={`${POINT_DEEDS[chosen].text}: ${subjectOf(chosen)}`}
          onEnd={() => setChosen(undefined)}
        />
      )}
    </SpaceBetween>
  )
}

const CHOOSE_FIRST = 'Choose a point first.'

function notAvailable(point: PointView | undefined): string | undefined {
  if (point === undefined) return CHOOSE_FIRST
  return point.state === 'AVAILABLE' ? undefined : `The point is ${point.state}.`
}
