import type { ReplicationDescription } from '@landfall/model'
import { usePolled } from '../api/polling.ts'

/** What the agent last reported; asked for once, whoever shows something of it. */
export function useReplication(sourceServerID: string) {
  return usePolled<ReplicationDescription>('landfall:DescribeReplication', { sourceServerID })
}
