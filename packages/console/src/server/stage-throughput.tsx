import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { formatBytes, type ReplicationStage, type SeenStages, stagesOf } from '@landfall/model'
import type { SourceServer } from '../api/source-server.ts'
import { Moment } from '../time/moment.tsx'
import { useReplication } from './use-replication.ts'

/** The stages that a block passes, and what each does. */
const STAGE_WORDS: Readonly<Record<ReplicationStage, string>> = {
  read: 'Read from the source’s disks',
  compress: 'Compress and encrypt on the source',
  wire: 'Send over the network',
  apply: 'Write in the staging area',
  flush: 'Make durable in the staging area',
}

/** How much passes each stage of replication, and which one holds up the others. */
export function StageThroughput({ server }: { readonly server: SourceServer }) {
  const { data } = useReplication(server.sourceServerID)
  const stages = data && stagesOf(server.dataReplicationInfo.dataReplicationState, data)
  return (
    <Container
      header={
        <Header
          variant="h2"
          {...(stages && {
            description: (
              <>
                Over five seconds, as of <Moment at={stages.reportedAt} />
              </>
            ),
          })}
        >
          Throughput by stage
        </Header>
      }
    >
      {stages === undefined ? (
        <Box color="text-body-secondary">
          No data flows at present. While it does, it is measured here which stage is slow.
        </Box>
      ) : (
        <Stages stages={stages} />
      )}
    </Container>
  )
}

function Stages({ stages: { loads, bottleneck } }: { readonly stages: SeenStages }) {
  return (
    <SpaceBetween size="m">
      {bottleneck === null ? (
        <StatusIndicator>No bottleneck: nothing waits.</StatusIndicator>
      ) : (
        <Alert type="info" header={`Bottleneck: ${bottleneck.stage}`}>
          {bottleneck.sentence}
        </Alert>
      )}
      <Table
        variant="embedded"
        items={[...loads]}
        trackBy="stage"
        ariaLabels={{ tableLabel: 'Throughput by stage' }}
        columnDefinitions={[
          {
            id: 'stage',
            header: 'Stage',
            isRowHeader: true,
            cell: ({ stage }) => (stage === bottleneck?.stage ? <b>{stage}</b> : stage),
          },
          { id: 'does', header: 'What it does', cell: ({ stage }) => STAGE_WORDS[stage] },
          {
            id: 'rate',
            header: 'Rate',
            cell: ({ bytesPerSecond }) => `${formatBytes(bytesPerSecond)}/s`,
          },
          {
            id: 'busy',
            header: 'Busy',
            cell: ({ utilisation }) => `${Math.round(utilisation * 100)} %`,
          },
        ]}
      />
    </SpaceBetween>
  )
}
