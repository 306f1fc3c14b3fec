import { formatBytes, formatTable } from '../table.ts'
import type { InstanceDetails, PreflightCounts } from '@landfall/model'
import { countsText } from './preflight.ts'
import type { ReplicatedDisk, SourceServer } from './source-servers.ts'

/** One line per server. */
export function serverTable(
  servers: readonly SourceServer[],
  preflight: Readonly<Record<string, PreflightCounts>>,
): string {
  return formatTable(
    [
      'SERVER',
      'HOSTNAME',
      'LIFECYCLE',
      'REPLICATION',
      'PROGRESS',
      'LAG',
      'LAST POINT',
      'PREFLIGHT',
    ],
    servers.map((server) => {
      const info = server.dataReplicationInfo
      return [
        server.sourceServerID,
        server.sourceProperties?.identificationHints?.hostname ?? '-',
        (server.lifeCycle?.state ?? '-') + (server.isArchived ? ' (archived)' : ''),
        info?.dataReplicationState ?? '-',
        progressText(info?.replicatedDisks ?? []),
        info?.lagDuration ?? '-',
        info?.lastSnapshotDateTime ?? '-',
        countsText(preflight[server.sourceServerID]),
      ]
    }),
  )
}

/** All that is worth knowing about one server, for a person. */
export function describeServer(server: SourceServer, instance?: InstanceDetails): string {
  const info = server.dataReplicationInfo
  const lines = [
    `Server       ${server.sourceServerID}`,
    `Hostname     ${server.sourceProperties?.identificationHints?.hostname ?? '-'}`,
    `System       ${server.sourceProperties?.os?.fullString ?? '-'}`,
    `Life cycle   ${server.lifeCycle?.state ?? '-'}${server.isArchived ? ' (archived)' : ''}`,
    `Replication  ${info?.dataReplicationState ?? '-'}`,
    `Lag          ${info?.lagDuration ?? '-'}`,
    `Ready by     ${info?.etaDateTime ?? '-'}`,
    `Last point   ${info?.lastSnapshotDateTime ?? '-'}`,
    `Last seen    ${server.lifeCycle?.lastSeenByServiceDateTime ?? '-'}`,
    `Instance     ${instance === undefined ? '-' : `${instance.instanceID} ${instance.state}`}`,
  ]
  if (instance !== undefined) {
    lines.push(
      `First boot   ${server.launchedInstance?.firstBoot ?? '-'}`,
      `Console      ${instance.serialLogPath}`,
      `Screen       ${instance.screenshotPath}`,
      ...instance.notes.map((note) => `Note         ${note}`),
    )
  }
  const error = info?.dataReplicationError
  if (error?.error !== undefined) lines.push(`Error        ${error.error}: ${error.rawError ?? ''}`)
  const nextTry = info?.dataReplicationInitiation?.nextAttemptDateTime
  if (nextTry !== undefined) lines.push(`Next try     ${nextTry}`)
  const disks = info?.replicatedDisks ?? []
  if (disks.length > 0) lines.push('', diskTable(disks))
  return lines.join('\n')
}

/** Share of the disks' bytes that is replicated, in percent; 100 when there is nothing to do. */
export function progressPercent(disks: readonly ReplicatedDisk[]): number {
  const total = disks.reduce((sum, disk) => sum + (disk.totalStorageBytes ?? 0), 0)
  const done = disks.reduce((sum, disk) => sum + (disk.replicatedStorageBytes ?? 0), 0)
  return total === 0 ? 100 : Math.floor((100 * done) / total)
}

/** Bytes written on the source and not yet in the replica. */
export function backlogBytes(disks: readonly ReplicatedDisk[]): number {
  return disks.reduce((sum, disk) => sum + (disk.backloggedStorageBytes ?? 0), 0)
}

function progressText(disks: readonly ReplicatedDisk[]): string {
  return disks.length === 0 ? '-' : `${progressPercent(disks)} %`
}

function diskTable(disks: readonly ReplicatedDisk[]): string {
  return formatTable(
    ['DISK', 'SIZE', 'REPLICATED', 'RESCANNED', 'BACKLOG'],
    disks.map((disk) => [
      disk.deviceName ?? '-',
      formatBytes(disk.totalStorageBytes ?? 0),
      formatBytes(disk.replicatedStorageBytes ?? 0),
      formatBytes(disk.rescannedStorageBytes ?? 0),
      formatBytes(disk.backloggedStorageBytes ?? 0),
    ]),
  )
}
