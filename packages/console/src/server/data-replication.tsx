import Alert from '@cloudscape-design/components/alert'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { formatBytes, replicationWarnings, type ReplicationDescription } from '@landfall/model'
import type { SourceServer } from '../api/source-server.ts'
import {
  backlogBytes,
  replicationErrorText,
  replicationProgress,
  replicationStatus,
} from '../servers/words.ts'
import { durationSeconds, formatSeconds } from '../time/duration.ts'
import { Moment } from '../time/moment.tsx'
import { comparisonText, mismatchesText } from './comparison-words.ts'
import { useReplication } from './use-replication.ts'

/** State, progress, lag and trouble of a server's data replication. */
export function DataReplication({ server }: { readonly server: SourceServer }) {
  const info = server.dataReplicationInfo
  const { data: replication, error } = useReplication(server.sourceServerID)
  const { type, text } = replicationStatus(server)
  const trouble = info.dataReplicationError
  return (
    <Container header={<Header variant="h2">Data replication</Header>}>
      <SpaceBetween size="m">
        {trouble && (
          <Alert type={info.dataReplicationState === 'STALLED' ? 'error' : 'warning'}>
            <b>{replicationErrorText(trouble.error)}.</b> {trouble.rawError}
          </Alert>
        )}
        {replication &&
          replicationWarnings(replication).map((warning) => (
            <Alert key={warning} type="warning">
              {warning}
            </Alert>
          ))}
        {error && <Alert type="error">{error.message}</Alert>}
        <ReplicationProgress server={server} />
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Status', value: <StatusIndicator type={type}>{text}</StatusIndicator> },
            ...figures(server),
            ...comparison(replication),
          ]}
        />
      </SpaceBetween>
    </Container>
  )
}

/** How far it is, and when it will be done, while it is something that ends. */
function ReplicationProgress({ server }: { readonly server: SourceServer }) {
  const { dataReplicationInfo: info } = server
  const progress = replicationProgress(info)
  if (progress === undefined) return null
  const { doneBytes, totalBytes, percent } = progress
  const isRescan = info.dataReplicationState === 'RESCAN'
  return (
    <ProgressBar
      value={percent}
      label={isRescan ? 'Rescan' : 'Initial sync'}
      description={
        isRescan
          ? 'What source and replica hold is compared, and what differs is sent again.'
          : 'Everything is copied once.'
      }
      additionalInfo={
        <>
          {formatBytes(doneBytes)} of {formatBytes(totalBytes)}
          {info.etaDateTime !== undefined && (
            <>
              , ready by <Moment at={info.etaDateTime} />
            </>
          )}
        </>
      }
    />
  )
}

function figures({ dataReplicationInfo: info, lifeCycle }: SourceServer) {
  const { lagDuration, lastSnapshotDateTime, etaDateTime } = info
  const { elapsedReplicationDuration: elapsed } = lifeCycle
  return [
    { label: 'Lag', value: durationText(lagDuration, 'No point to launch from yet') },
    { label: 'Backlog', value: formatBytes(backlogBytes(info)) },
    { label: 'Last point', value: <Moment at={lastSnapshotDateTime} /> },
    ...(etaDateTime === undefined
      ? []
      : [{ label: 'Caught up by', value: <Moment at={etaDateTime} /> }]),
    { label: 'Has replicated for', value: durationText(elapsed, '–') },
    { label: 'Agent last seen', value: <Moment at={lifeCycle.lastSeenByServiceDateTime} /> },
  ]
}

function durationText(iso: string | undefined, otherwise: string): string {
  return iso === undefined ? otherwise : formatSeconds(durationSeconds(iso))
}

function comparison(replication: ReplicationDescription | undefined) {
  if (replication === undefined) return []
  const { found } = replication.mismatches
  return [
    { label: 'Compared with the source', value: comparisonText(replication) },
    {
      label: 'Mismatches, ever',
      value: (
        <StatusIndicator type={found === 0 ? 'success' : 'error'}>
          {mismatchesText(replication)}
        </StatusIndicator>
      ),
    },
  ]
}
