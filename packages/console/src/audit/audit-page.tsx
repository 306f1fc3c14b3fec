import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Popover from '@cloudscape-design/components/popover'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table, { type TableProps } from '@cloudscape-design/components/table'
import { usePolled } from '../api/polling.ts'
import { Readable } from '../session/readable.tsx'
import { type ChangeParameters, useParameters } from '../shell/url-parameters.ts'
import { Moment } from '../time/moment.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { callerName, inputOf, readSearch } from './search.ts'

const TITLE = 'Audit log'

interface AuditEvent {
  readonly requestID: string
  readonly at: string
  readonly caller: string
  readonly address: string
  readonly userAgent?: string
  readonly action: string
  readonly input: unknown
  readonly result: string
  readonly message?: string
}

interface AuditPageAnswer {
  readonly items: readonly AuditEvent[]
  readonly nextToken?: string
}

/** Who changed what, or tried to. */
export function AuditPage() {
  return (
    <Readable title={TITLE} action="landfall:ListAuditEvents">
      <AuditLog />
    </Readable>
  )
}

function AuditLog() {
  const [params, change] = useParameters()
  const search = readSearch(params)
  const { data, error, isPending } = usePolled<AuditPageAnswer>(
    'landfall:ListAuditEvents',
    inputOf(search),
  )
  const older = data?.nextToken
  const isFiltered = Object.values(search).some((value) => value !== '')
  return (
    <Table<AuditEvent>
      variant="full-page"
      stickyHeader
      wrapLines
      trackBy="requestID"
      items={data?.items ?? []}
      columnDefinitions={columns(change)}
      loading={isPending}
      loadingText="Loading the audit log"
      ariaLabels={{ tableLabel: TITLE }}
      header={
        <SpaceBetween size="s">
          {error && <Alert type="error">{error.message}</Alert>}
          <Header
            variant="awsui-h1-sticky"
            description="Calls that changed something, or were refused, the newest first. Secrets are masked."
          >
            {TITLE}
          </Header>
        </SpaceBetween>
      }
      filter={<AuditFilters search={search} onChange={change} />}
      pagination={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            disabled={search.after === ''}
            disabledReason="These are the newest."
            onClick={() => change({ after: undefined }, 'push')}
          >
            Newest
          </Button>
          <Button
            disabled={older === undefined}
            disabledReason="There are no older ones."
            onClick={() => change({ after: older }, 'push')}
          >
            Older
          </Button>
        </SpaceBetween>
      }
      empty={
        <Box textAlign="center" color="inherit" padding="l">
          {isFiltered
            ? 'No call matches. Clear the filters to see all.'
            : 'Nothing was changed yet.'}
        </Box>
      }
    />
  )
}

function columns(change: ChangeParameters): TableProps.ColumnDefinition<AuditEvent>[] {
  const only = (text: string, changed: Parameters<ChangeParameters>[0]) => (
    <Button
      variant="inline-link"
      ariaLabel={`Show only ${text}`}
      onClick={() => change({ ...changed, after: undefined }, 'push')}
    >
      {text}
    </Button>
  )
  return [
    {
      id: 'at',
      header: 'Time',
      isRowHeader: true,
      width: 200,
      cell: ({ at }) => <Moment at={at} />,
    },
    {
      id: 'caller',
      header: 'Caller',
      width: 180,
      cell: ({ caller }) => only(callerName(caller), { caller }),
    },
    { id: 'address', header: 'From', width: 130, cell: ({ address }) => address },
    { id: 'action', header: 'Action', width: 240, cell: ({ action }) => only(action, { action }) },
    { id: 'result', header: 'Result', minWidth: 200, cell: (event) => <Result event={event} /> },
    { id: 'details', header: 'Details', cell: (event) => <Details event={event} /> },
  ]
}

/** The service ended before it knew what came of the call. */
const UNKNOWN = 'UNKNOWN'

function Result({ event: { result, message } }: { readonly event: AuditEvent }) {
  if (result === 'OK') return <StatusIndicator>Done</StatusIndicator>
  if (result === UNKNOWN) return <StatusIndicator type="warning">Not known</StatusIndicator>
  return (
    <>
      <StatusIndicator type="error">{result}</StatusIndicator>
      {message !== undefined && <Box>{message}</Box>}
    </>
  )
}

function Details({ event }: { readonly event: AuditEvent }) {
  const { action, caller, userAgent, requestID, input } = event
  return (
    <Popover
      size="large"
      position="left"
      header={action}
      dismissAriaLabel="Close"
      renderWithPortal
      content={
        <SpaceBetween size="xs">
          <span>{caller}</span>
          {userAgent !== undefined && <span>{userAgent}</span>}
          <span>Request {requestID}</span>
          <Box variant="code">
            <pre>{JSON.stringify(input, null, 2)}</pre>
          </Box>
        </SpaceBetween>
      }
    >
      Input
    </Popover>
  )
}
