import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import type { PreflightReport, PreflightSeverity, PreflightSource } from '@landfall/model'
import { usePolled } from '../api/polling.ts'
import { Moment } from '../time/moment.tsx'

/** The rules are held against some KB at each look; what they are held against changes hourly. */
const POLL_MS = 10_000

const SEVERITIES: Readonly<
  Record<PreflightSeverity, readonly [StatusIndicatorProps.Type, string]>
> = {
  blocker: ['error', 'Blocker'],
  warning: ['warning', 'Warning'],
  information: ['info', 'Information'],
}

const SOURCES: Readonly<Record<PreflightSource, string>> = {
  LIVE: 'the running server',
  POINT: 'the disks of a point',
}

type Finding = PreflightReport['findings'][number]

const COLUMNS: readonly TableProps.ColumnDefinition<Finding>[] = [
  {
    id: 'severity',
    header: 'Severity',
    minWidth: 130,
    cell: ({ severity }) => {
      const [type, words] = SEVERITIES[severity]
      return <StatusIndicator type={type}>{words}</StatusIndicator>
    },
  },
  {
    id: 'finding',
    header: 'Finding',
    isRowHeader: true,
    cell: ({ title, details, rule }) => (
      <>
        {title}
        {details.length > 0 && (
          <ul>
            {details.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        )}
        <Box variant="small">{rule}</Box>
      </>
    ),
  },
  { id: 'remedy', header: 'What to do', cell: ({ remedy }) => remedy },
  {
    id: 'seen',
    header: 'Seen on',
    cell: ({ sources }) => sources.map((source) => SOURCES[source]).join(', '),
  },
]

/** What would keep a launch from coming up as it should, each with what to do. */
export function Findings({ sourceServerID }: { readonly sourceServerID: string }) {
  const { data, error, isPending } = usePolled<PreflightReport>(
    'landfall:GetPreflight',
    { sourceServerID },
    { pollMs: POLL_MS },
  )
  const findings = data?.findings ?? []
  return (
    <Table
      variant="container"
      wrapLines
      items={[...findings]}
      columnDefinitions={COLUMNS}
      trackBy="rule"
      loading={isPending}
      loadingText="Loading findings"
      ariaLabels={{ tableLabel: 'Findings' }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            counter={`(${findings.length})`}
            description={data && <LookedAt report={data} />}
          >
            Findings
          </Header>
          {error && <Alert type="error">{error.message}</Alert>}
          {data?.point?.error !== undefined && (
            <Alert type="warning" header="The disks of the point could not be looked at">
              {data.point.error}
            </Alert>
          )}
        </SpaceBetween>
      }
      empty={
        data?.live || data?.point
          ? 'Nothing was found that would go wrong.'
          : 'Nothing was looked at yet: the agent looks when it starts, and every hour.'
      }
    />
  )
}

function LookedAt({ report: { live, point } }: { readonly report: PreflightReport }) {
  return (
    <>
      The running server: {live ? <Moment at={live.lookedAt} /> : 'not looked at yet'}. The disks of
      a point:{' '}
      {point ? (
        <>
          <Moment at={point.lookedAt} /> ({point.pointID})
        </>
      ) : (
        'not looked at yet'
      )}
      .
    </>
  )
}
