import type { ReplicationDescription } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'

export function describeReplication(
  client: ServiceClient,
  sourceServerID: string,
  signal: AbortSignal,
): Promise<ReplicationDescription> {
  return client.landfall('DescribeReplication', { sourceServerID }, signal)
}
