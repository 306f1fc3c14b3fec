import Header from '@cloudscape-design/components/header'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import { formatBytes } from '@landfall/model'
import type { ReplicatedDisk } from '../api/source-server.ts'
import { DiskKeys } from './disk-keys.tsx'
import type { TabProps } from './server-tabs.tsx'
import { useReplication } from './use-replication.ts'

/** The disks of the server, and how far each is replicated. */
export function DisksTab({ server }: TabProps) {
  const { data: replication } = useReplication(server.sourceServerID)
  const errors = new Map(
    (replication?.report?.disks ?? []).map(({ deviceName, error }) => [deviceName, error]),
  )
  const disks = server.dataReplicationInfo.replicatedDisks
  const isRescan = server.dataReplicationInfo.dataReplicationState === 'RESCAN'
  return (
    <SpaceBetween size="l">
      <Table
        variant="container"
        items={[...disks]}
        trackBy="deviceName"
        ariaLabels={{ tableLabel: 'Disks' }}
        header={
          <Header variant="h2" counter={`(${disks.length})`}>
            Disks
          </Header>
        }
        empty="Not known before an agent is installed."
        columnDefinitions={[
          { id: 'name', header: 'Device', isRowHeader: true, cell: ({ deviceName }) => deviceName },
          {
            id: 'size',
            header: 'Size',
            cell: ({ deviceName, totalStorageBytes }) =>
              formatBytes(totalStorageBytes || sizeOf(server, deviceName)),
          },
          {
            id: 'replicated',
            header: isRescan ? 'Rescanned' : 'Replicated',
            cell: (disk) => (
              <DiskProgress
                disk={disk}
                doneBytes={isRescan ? disk.rescannedStorageBytes : disk.replicatedStorageBytes}
              />
            ),
          },
          {
            id: 'backlog',
            header: 'Backlog',
            cell: (disk) => formatBytes(disk.backloggedStorageBytes),
          },
          {
            id: 'status',
            header: 'Status',
            cell: ({ deviceName }) => {
              const error = errors.get(deviceName)
              if (error === undefined) return '–'
              return <StatusIndicator type="error">{error}</StatusIndicator>
            },
          },
        ]}
      />
      <DiskKeys sourceServerID={server.sourceServerID} />
    </SpaceBetween>
  )
}

/** Nothing is kept of a disk of a server that was disconnected: its total is 0 then. */
function DiskProgress({ disk, doneBytes }: { disk: ReplicatedDisk; doneBytes: number }) {
  const { deviceName, totalStorageBytes: total } = disk
  if (total === 0) return 'Nothing is kept of it'
  return (
    <ProgressBar
      ariaLabel={`Replicated of ${deviceName}`}
      value={Math.floor((100 * doneBytes) / total)}
      additionalInfo={`${formatBytes(doneBytes)} of ${formatBytes(total)}`}
    />
  )
}

function sizeOf({ sourceProperties }: TabProps['server'], deviceName: string): number {
  return sourceProperties.disks?.find((disk) => disk.deviceName === deviceName)?.bytes ?? 0
}
