import Box from '@cloudscape-design/components/box'
import Popover from '@cloudscape-design/components/popover'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { TableProps } from '@cloudscape-design/components/table'
import { formatBytes, type PointView } from '@landfall/model'
import { Moment } from '../time/moment.tsx'
import { CONSISTENCY_WORDS, REASON_WORDS, STATE_WORDS } from './point-words.ts'

export const POINT_COLUMNS: readonly TableProps.ColumnDefinition<PointView>[] = [
  {
    id: 'taken',
    header: 'Moment',
    isRowHeader: true,
    cell: ({ takenAt, id }) => (
      <>
        <Moment at={takenAt ?? undefined} />
        <Box variant="small" display="block">
          {id}
        </Box>
      </>
    ),
  },
  { id: 'state', header: 'State', cell: (point) => <State point={point} /> },
  { id: 'consistency', header: 'Consistency', cell: (point) => <Consistency point={point} /> },
  {
    id: 'verified',
    header: 'Verified',
    cell: ({ verifiedAt }) =>
      verifiedAt === undefined ? (
        '–'
      ) : (
        <StatusIndicator>
          <Moment at={verifiedAt} />
        </StatusIndicator>
      ),
  },
  {
    id: 'reason',
    header: 'Taken for',
    cell: ({ reason }) => (reason === null ? '–' : REASON_WORDS[reason]),
  },
  { id: 'size', header: 'Size', cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
]

function State({ point: { state, error } }: { readonly point: PointView }) {
  const [type, words] = STATE_WORDS[state]
  return (
    <>
      <StatusIndicator type={type}>{words}</StatusIndicator>
      {error !== undefined && <Box variant="small">{error}</Box>}
    </>
  )
}

/** How sure it is to be whole; what was frozen for it, and what could not be. */
function Consistency({ point }: { readonly point: PointView }) {
  const { consistency, frozen, notFrozen, freezeMs } = point
  if (consistency === null) return '–'
  return (
    <Popover
      header={`${CONSISTENCY_WORDS[consistency]} consistent`}
      content={
        <>
          {frozen.length > 0
            ? `Held still for ${Math.round(freezeMs)} ms: ${frozen.join(', ')}.`
            : 'No file system was held still.'}
          {notFrozen.map(({ what, why }) => (
            <div key={what}>{`Not ${what}: ${why}.`}</div>
          ))}
        </>
      }
    >
      {CONSISTENCY_WORDS[consistency]}
    </Popover>
  )
}
