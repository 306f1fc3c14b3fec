import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { formatBytes, type InstanceDetails } from '@landfall/model'
import { Commands } from '../disk-files/commands.tsx'
import { EXPORT_PLACE, exportCommands } from '../disk-files/export-commands.ts'
import { SectionTable } from '../lists/section-table.tsx'
import { useChanges } from './changes.tsx'

interface DisksTabProps {
  readonly instance: InstanceDetails
}

/** The instance's disks: what was written on them, and how they become files. */
export function DisksTab({ instance }: DisksTabProps) {
  const { data, error } = useChanges(instance.instanceID)
  const written = new Map(
    data?.disks.map(({ deviceName, writtenBytes }) => [deviceName, formatBytes(writtenBytes)]),
  )
  return (
    <SpaceBetween size="l">
      <SectionTable
        title="Disks"
        rows={instance.disks}
        idOf={({ deviceName }) => deviceName}
        problem={error?.message}
        empty="It has no disks yet."
        columns={[
          { id: 'name', header: 'Device', isRowHeader: true, cell: (disk) => disk.deviceName },
          {
            id: 'written',
            header: 'Written since the launch',
            cell: ({ deviceName }) => written.get(deviceName) ?? '–',
          },
        ]}
      />
      {instance.disks.length > 0 && <AsFiles instance={instance} />}
    </SpaceBetween>
  )
}

function AsFiles({ instance: { instanceID, disks } }: DisksTabProps) {
  const commands = exportCommands({
    command: ['landfall', 'instances', 'export', instanceID],
    deviceNames: disks.map(({ deviceName }) => deviceName),
    name: instanceID,
  })
  return (
    <Container
      header={
        <Header variant="h2" description={`${EXPORT_PLACE} The instance has to be stopped.`}>
          Disks as files
        </Header>
      }
    >
      <Commands text={commands} />
    </Container>
  )
}
