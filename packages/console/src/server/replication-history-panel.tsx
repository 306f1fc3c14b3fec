import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import Spinner from '@cloudscape-design/components/spinner'
import type { ReplicationHistory } from '@landfall/model'
import { lazy, Suspense } from 'react'
import { usePolled } from '../api/polling.ts'
import { useUrlParam } from '../shell/url-parameters.ts'

/** Charts are a third of a page, for those who get so far. */
const ReplicationCharts = lazy(() =>
  import('./replication-charts.tsx').then((m) => ({ default: m.ReplicationCharts })),
)

/** How far back, in hours; the service keeps 72. */
const SPANS = [
  { id: '1', text: '1 hour' },
  { id: '6', text: '6 hours' },
  { id: '24', text: '1 day' },
  { id: '72', text: '3 days' },
]

/** The service writes one sample a minute. */
const POLL_MS = 15_000

/** How lag, backlog and rate were over the last hours, as many as the address says. */
export function ReplicationHistoryPanel({ sourceServerID }: { readonly sourceServerID: string }) {
  const [hours, setHours] = useUrlParam('hours')
  const span = SPANS.find(({ id }) => id === hours)?.id ?? '1'
  const input = { sourceServerID, hours: Number(span) }
  const { data, error } = usePolled<ReplicationHistory>('landfall:GetReplicationHistory', input, {
    pollMs: POLL_MS,
  })
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SegmentedControl
              label="How far back"
              selectedId={span}
              options={SPANS}
              onChange={({ detail }) => setHours(detail.selectedId)}
            />
          }
        >
          Lag and backlog
        </Header>
      }
    >
      {error && <Alert type="error">{error.message}</Alert>}
      {data === undefined && !error && <Spinner />}
      {data?.samples.length === 0 && (
        <Box color="text-body-secondary">
          Nothing was written down in this time. While the server replicates, one sample is, each
          minute.
        </Box>
      )}
      {data !== undefined && data.samples.length > 0 && (
        <Suspense fallback={<Spinner />}>
          <ReplicationCharts history={data} />
        </Suspense>
      )}
    </Container>
  )
}
