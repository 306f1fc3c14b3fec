import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import ExpandableSection from '@cloudscape-design/components/expandable-section'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import Table from '@cloudscape-design/components/table'
import { usePolled } from '../api/polling.ts'
import { useServerNames } from '../launches/use-server-names.ts'
import { usePermission } from '../session/session.ts'
import { formatSeconds } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import { assumedText, BASIS_WORDS, type Forecast, PART_WORDS } from './forecast-words.ts'

const ACTION = 'landfall:GetCutoverForecast'

/** Backlogs change all the time, and what launches took seldom. */
const POLL_MS = 5000

export type CutoverForecastProps =
  | { readonly sourceServerIDs: readonly string[] }
  | { readonly waveID: string }

/** How long a cutover would take from now until all has booted, and what that is based on. */
export function CutoverForecast(props: CutoverForecastProps) {
  const reason = usePermission()(ACTION)
  const { data, error } = usePolled<Forecast>(ACTION, props, {
    pollMs: POLL_MS,
    enabled: reason === undefined,
  })
  if (reason !== undefined) return <Box color="text-body-secondary">{reason}</Box>
  if (error) return <Alert type="error">{error.message}</Alert>
  if (data === undefined) return <Spinner />
  if (data.servers.length === 0) return <Box>No server of it is still to be cut over.</Box>
  return (
    <SpaceBetween size="xs">
      <Total forecast={data} />
      <Unknown forecast={data} />
      <ExpandableSection headerText="What this is based on">
        <Basis forecast={data} />
      </ExpandableSection>
    </SpaceBetween>
  )
}

function Total({ forecast }: { readonly forecast: Forecast }) {
  const { expectedSeconds, slowestSeconds = 0, expectedDateTime, servers } = forecast
  if (expectedSeconds === undefined) return undefined
  const assumed = assumedText(servers)
  return (
    <div>
      <Box fontSize="heading-m" fontWeight="bold">
        About {formatSeconds(expectedSeconds)} from now to booted, at{' '}
        <Moment at={expectedDateTime} />
      </Box>
      <Box variant="small">
        As slow as the slowest before: {formatSeconds(slowestSeconds)}.
        {assumed !== undefined && ` ${assumed}`}
      </Box>
    </div>
  )
}

/** Servers that are not in the total. */
function Unknown({ forecast: { servers } }: { readonly forecast: Forecast }) {
  const unknown = servers.filter((server) => server.unknown !== undefined)
  const nameOf = useServerNames(unknown.map(({ sourceServerID }) => sourceServerID))
  if (unknown.length === 0) return undefined
  return (
    <Alert type="warning" header="How long it would take is not known of all">
      {unknown.map(({ sourceServerID: id, unknown: why }) => (
        <div key={id}>
          {nameOf(id)}: {why}
        </div>
      ))}
    </Alert>
  )
}

function Basis({ forecast }: { readonly forecast: Forecast }) {
  const { servers, serversAtOnce, conversionsAtOnce } = forecast
  const nameOf = useServerNames(servers.map(({ sourceServerID }) => sourceServerID))
  const rows = servers.flatMap(({ sourceServerID, parts = [] }) =>
    parts.map((part) => ({ ...part, sourceServerID })),
  )
  return (
    <SpaceBetween size="xs">
      {servers.length > 1 && (
        <Box variant="small">
          {serversAtOnce} servers of a job are worked on at once, and {conversionsAtOnce} of them
          converted.
        </Box>
      )}
      <Table
        variant="embedded"
        contentDensity="compact"
        items={rows}
        trackBy={({ sourceServerID, name }) => `${sourceServerID} ${name}`}
        ariaLabels={{ tableLabel: 'Parts of the cutover' }}
        empty="There is no server to forecast."
        wrapLines
        columnDefinitions={[
          ...(servers.length > 1
            ? [
                {
                  id: 'server',
                  header: 'Source server',
                  cell: (row: (typeof rows)[number]) => nameOf(row.sourceServerID),
                },
              ]
            : []),
          { id: 'part', header: 'Part', isRowHeader: true, cell: ({ name }) => PART_WORDS[name] },
          {
            id: 'time',
            header: 'Time',
            minWidth: 90,
            cell: ({ seconds }) => formatSeconds(seconds),
          },
          { id: 'basis', header: 'Known', cell: ({ basis }) => BASIS_WORDS[basis] },
          { id: 'why', header: 'How', cell: ({ explanation }) => explanation },
        ]}
      />
    </SpaceBetween>
  )
}
