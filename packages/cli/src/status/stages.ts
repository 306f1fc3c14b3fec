import type { DataReplicationState, StageReport } from '@landfall/model'
import { formatBytes, formatTable } from '../table.ts'
import type { ReplicationDescription } from './replication.ts'
import type { SourceServer } from './source-servers.ts'

/** States in which blocks move, so that one can ask what they wait for. */
const FLOWING: readonly DataReplicationState[] = [
  'INITIAL_SYNC',
  'BACKLOG',
  'CREATING_SNAPSHOT',
  'CONTINUOUS',
  'RESCAN',
]

/** What the stages of replication did in the seconds before the agent's last report. */
export interface SeenStages extends StageReport {
  readonly reportedAt: string
}

/** Undefined while no data flows, and before the agent has reported any. */
export function stagesOf(
  { dataReplicationInfo }: SourceServer,
  { report, reportedAt }: ReplicationDescription,
): SeenStages | undefined {
  const state = dataReplicationInfo?.dataReplicationState
  if (state === undefined || !FLOWING.includes(state)) return undefined
  if (report?.stages === undefined || reportedAt === null) return undefined
  return { ...report.stages, reportedAt }
}

/** What an operator should know though replication goes well. */
export function warningsOf({ report }: Pick<ReplicationDescription, 'report'>): string[] {
  const disks = report?.unreplicatedDisks ?? []
  if (disks.length === 0) return []
  const which = disks.length === 1 ? `${disks[0]} is` : `${disks.join(', ')} are`
  return [
    `${which} not replicated: run the installer on the source server again to add what is new`,
  ]
}

/** The stages in their order, and which of them holds the others up. */
export function describeStages({ loads, bottleneck, reportedAt }: SeenStages): string {
  const table = formatTable(
    ['STAGE', 'RATE', 'BUSY'],
    loads.map(({ stage, bytesPerSecond, utilisation }) => [
      stage,
      `${formatBytes(bytesPerSecond)}/s`,
      `${Math.round(utilisation * 100)} %`,
    ]),
  )
  const slowest =
    bottleneck === null ? 'none: nothing waits' : `${bottleneck.stage}. ${bottleneck.sentence}`
  return `${table}\n\nBottleneck   ${slowest}\nAs of        ${reportedAt}`
}
