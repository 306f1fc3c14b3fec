import ExpandableSection from '@cloudscape-design/components/expandable-section'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Box from '@cloudscape-design/components/box'

/** MGN’s settings that are kept for its clients and mean nothing here, by its model’s names. */
const WORDS = {
  stagingAreaSubnetId: 'Staging area subnet',
  replicationServerInstanceType: 'Replication server instance type',
  useDedicatedReplicationServer: 'Dedicated replication server',
  defaultLargeStagingDiskType: 'Type of large staging disks',
  ebsEncryption: 'EBS encryption',
  ebsEncryptionKeyArn: 'EBS encryption key',
  associateDefaultSecurityGroup: 'Default security group',
  replicationServersSecurityGroupsIDs: 'Security groups',
  dataPlaneRouting: 'Data routing',
  createPublicIP: 'Public IP address',
  stagingAreaTags: 'Tags of the staging area',
  internetProtocol: 'Internet protocol',
  useFipsEndpoint: 'FIPS endpoint',
  storeSnapshotOnLocalZone: 'Snapshots in a local zone',
} as const

export function CloudOnly({ settings }: { readonly settings: object }) {
  const known = settings as Partial<Record<keyof typeof WORDS, unknown>>
  const names = (Object.keys(WORDS) as (keyof typeof WORDS)[]).filter(
    (name) => known[name] !== undefined,
  )
  return (
    <ExpandableSection headerText="Settings that only a cloud has">
      <SpaceBetween size="m">
        <Box>
          They are kept and given back, so that clients of MGN work. Here they mean nothing: the
          staging area has one replication server, and its volumes are files.
        </Box>
        <KeyValuePairs
          columns={3}
          items={names.map((name) => ({ label: WORDS[name], value: textOf(known[name]) }))}
        />
      </SpaceBetween>
    </ExpandableSection>
  )
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value !== 'object' || value === null) return String(value)
  const parts = Array.isArray(value)
    ? value.map(String)
    : Object.entries(value).map(([key, text]) => `${key}=${text}`)
  return parts.join(', ') || '–'
}
