import Box from '@cloudscape-design/components/box'
import { type DiskChanges, formatBytes, type InstanceChanges } from '@landfall/model'
import { usePolled } from '../api/polling.ts'

/** To look takes longer than to be looked at: QEMU's maps of whole disks are read. */
const CHANGES_POLL_MS = 15_000

/** What an instance has written since its launch; nothing to be told is an error. */
export function useChanges(instanceID: string) {
  return usePolled<InstanceChanges>(
    'landfall:DescribeInstanceChanges',
    { instanceID },
    { pollMs: CHANGES_POLL_MS },
  )
}

interface ChangesProps {
  readonly instanceIDs: readonly string[]
}

/** What is on these instances and nowhere else. */
export function Changes({ instanceIDs }: ChangesProps) {
  if (instanceIDs.length === 0) return null
  return (
    <div>
      <Box variant="awsui-key-label">Written since the launch, and not on the source</Box>
      {instanceIDs.map((instanceID) => (
        <ChangesOfOne key={instanceID} instanceID={instanceID} />
      ))}
    </div>
  )
}

function ChangesOfOne({ instanceID }: { readonly instanceID: string }) {
  const { data, error } = useChanges(instanceID)
  const told = error?.message ?? (data === undefined ? 'Being counted…' : inWords(data.disks))
  return (
    <div>
      {instanceID}: {told}
    </div>
  )
}

function inWords(disks: readonly DiskChanges[]): string {
  return disks
    .map(({ deviceName, writtenBytes }) => `${formatBytes(writtenBytes)} on ${deviceName}`)
    .join(', ')
}
