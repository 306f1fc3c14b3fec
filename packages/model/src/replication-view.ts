import type { AgentReplicationReport, Mismatch, ScrubReport, StageReport } from './control.ts'
import type { DataReplicationState } from './replication.ts'

/** States in which blocks move: the agent is connected, and one can ask what they wait for. */
export const FLOWING_STATES: readonly DataReplicationState[] = [
  'INITIAL_SYNC',
  'BACKLOG',
  'CREATING_SNAPSHOT',
  'CONTINUOUS',
  'RESCAN',
]

/** DescribeReplication's answer: what is known of a server's replication beyond MGN's shapes. */
export interface ReplicationDescription {
  /** The agent's last. */
  readonly report: AgentReplicationReport | null
  /** ISO 8601 in UTC, by the service's clock. */
  readonly reportedAt: string | null
  /** Defects of the replica, ever; the newest first. */
  readonly mismatches: {
    readonly found: number
    readonly differentBytes: number
    readonly newest: readonly Omit<Mismatch, 'mismatchID'>[]
  }
}

/** What the stages of replication did in the seconds before the agent's last report. */
export interface SeenStages extends StageReport {
  readonly reportedAt: string
}

/** Undefined while no data flows, and before the agent has reported any. */
export function stagesOf(
  state: DataReplicationState | undefined,
  { report, reportedAt }: Pick<ReplicationDescription, 'report' | 'reportedAt'>,
): SeenStages | undefined {
  if (state === undefined || !FLOWING_STATES.includes(state)) return undefined
  if (report?.stages === undefined || reportedAt === null) return undefined
  return { ...report.stages, reportedAt }
}

/** What an operator should know though replication goes well, a sentence each. */
export function replicationWarnings({ report }: Pick<ReplicationDescription, 'report'>): string[] {
  const disks = report?.unreplicatedDisks ?? []
  if (disks.length === 0) return []
  const which = disks.length === 1 ? `${disks[0]} is` : `${disks.join(', ')} are`
  return [
    `${which} not replicated: run the installer on the source server again to add what is new`,
  ]
}

/** How much the present pass of the scrub has found equal, in whole percent, rounded down. */
export function scrubPercent({ disks }: Pick<ScrubReport, 'disks'>): number {
  const total = disks.reduce((sum, disk) => sum + disk.totalBytes, 0)
  const verified = disks.reduce((sum, disk) => sum + disk.verifiedBytes, 0)
  return total === 0 ? 100 : Math.floor((100 * verified) / total)
}

/** Different when it was last looked at, and not found equal since. */
export function unrepairedBytes({ report }: Pick<ReplicationDescription, 'report'>): number {
  return (report?.scrub?.disks ?? []).reduce((sum, disk) => sum + disk.unrepairedBytes, 0)
}

/** How a server replicated at a moment, or worst since the sample before. */
export interface ReplicationHistorySample {
  /** ISO 8601 in UTC, by the service's clock. */
  readonly at: string
  readonly state: DataReplicationState
  /** How far a launch would have been behind; absent: there was no point. */
  readonly lagSeconds?: number
  readonly backlogBytes: number
  /** On the wire since the sample before. */
  readonly sentBytes: number
}

/** GetReplicationHistory's answer; moments as in the samples, which are in the order of time. */
export interface ReplicationHistory {
  readonly sourceServerID: string
  readonly fromDateTime: string
  readonly toDateTime: string
  /** How far apart samples are; there is none of a time in which the service did not run. */
  readonly intervalSeconds: number
  readonly samples: readonly ReplicationHistorySample[]
}
