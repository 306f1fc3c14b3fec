import type { AgentReplicationReport, Mismatch } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'

/** What is known of a server's replication beyond MGN's shapes. */
export interface ReplicationDescription {
  /** The agent's last. */
  readonly report: AgentReplicationReport | null
  readonly reportedAt: string | null
  /** Defects of the replica, ever; the newest first. */
  readonly mismatches: {
    readonly found: number
    readonly differentBytes: number
    readonly newest: readonly Omit<Mismatch, 'mismatchID'>[]
  }
}

export function describeReplication(
  client: ServiceClient,
  sourceServerID: string,
  signal: AbortSignal,
): Promise<ReplicationDescription> {
  return client.landfall('DescribeReplication', { sourceServerID }, signal)
}
