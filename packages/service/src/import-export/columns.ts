/**
 * The columns of an inventory file, as MGN names them. `<…>` in a header stands for what differs
 * from column to column (a tag's key, a number, a device), and is a member's name in the path.
 */
export interface Column {
  readonly header: string
  /** Where the value is in a row's content. */
  readonly path: readonly string[]
  /** The shape of MGN's model that a value has. */
  readonly shape: string
  /** The texts that are allowed, with their values, where these are not the model's own. */
  readonly words?: Readonly<Record<string, unknown>>
  /** JSON with an action's `parameters` and `externalParameters`, and nothing else. */
  readonly isJson?: true
  /** Read for files of former times, and never written. */
  readonly isFormer?: true
}

const LAUNCH = ['server', 'launch']
const TEMPLATE = ['server', 'template']
const NIC = [...TEMPLATE, 'networkInterfaces', '<n>']
const ACTION = ['server', 'actions', '<name>']
const REPLICATION = ['server', 'replication']

const TEXT = 'BoundedString'

const LICENSING = {
  path: [...LAUNCH, 'licensing', 'osByol'],
  shape: 'Boolean',
  words: { BYOL: true, LI: false },
}

/** What begins the headers of a group's columns, by the kind of group. */
const GROUP_PREFIX = { wave: 'mgn:wave', application: 'mgn:app' }

export const ID_COLUMN = {
  server: 'mgn:server:id',
  application: `${GROUP_PREFIX.application}:id`,
  wave: `${GROUP_PREFIX.wave}:id`,
}
/** How what has no ID yet is told from others. */
export const NAME_COLUMN = {
  server: 'mgn:server:user-provided-id',
  application: `${GROUP_PREFIX.application}:name`,
  wave: `${GROUP_PREFIX.wave}:name`,
}
export const FQDN_COLUMN = 'mgn:server:fqdn-for-action-framework'

const VOLUME_TYPES = ['standard', 'io1', 'io2', 'gp2', 'gp3', 'sc1', 'st1']

/** All there are, in the order of an exported file. */
export const COLUMNS: readonly Column[] = [
  { header: 'mgn:account-id', path: ['accountID'], shape: 'AccountID' },
  { header: 'mgn:region', path: ['region'], shape: TEXT },
  ...groupColumns('wave', 'Wave'),
  ...groupColumns('application', 'Application'),
  { header: ID_COLUMN.server, path: ['server', 'id'], shape: 'SourceServerID' },
  { header: NAME_COLUMN.server, path: ['server', 'userProvidedID'], shape: 'UserProvidedId' },
  { header: FQDN_COLUMN, path: ['server', 'fqdn'], shape: TEXT },
  {
    header: 'mgn:server:platform',
    path: ['server', 'platform'],
    shape: TEXT,
    words: { Linux: 'Linux' },
  },
  { header: 'mgn:server:tag:<key>', path: ['server', 'tags', '<key>'], shape: 'TagValue' },
  ...launchColumns(),
  ...actionColumns(),
  ...replicationColumns(),
]

function groupColumns(kind: 'wave' | 'application', type: 'Wave' | 'Application'): Column[] {
  const prefix = GROUP_PREFIX[kind]
  return [
    { header: ID_COLUMN[kind], path: [kind, 'id'], shape: `${type}ID` },
    { header: NAME_COLUMN[kind], path: [kind, 'name'], shape: `${type}Name` },
    { header: `${prefix}:description`, path: [kind, 'description'], shape: `${type}Description` },
    { header: `${prefix}:tag:<key>`, path: [kind, 'tags', '<key>'], shape: 'TagValue' },
  ]
}

function launchColumns(): Column[] {
  return [
    {
      header: 'mgn:launch:instance-type',
      path: [...TEMPLATE, 'instanceType'],
      shape: 'EC2InstanceType',
    },
    { header: 'mgn:launch:boot-mode', path: [...LAUNCH, 'bootMode'], shape: 'BootMode' },
    { header: 'mgn:launch:copy-private-ip', path: [...LAUNCH, 'copyPrivateIp'], shape: 'Boolean' },
    {
      header: 'mgn:launch:iam-instance-profile:name',
      path: [...TEMPLATE, 'instanceProfile'],
      shape: TEXT,
    },
    ...networkInterfaceColumns(),
    { header: 'mgn:launch:operating-system-licensing', ...LICENSING },
    {
      header: 'mgn:launch:placement:operating-system-licensing',
      ...LICENSING,
      isFormer: true,
    },
    { header: 'mgn:launch:placement:host-id', path: [...TEMPLATE, 'hostID'], shape: TEXT },
    {
      header: 'mgn:launch:placement:tenancy',
      path: [...TEMPLATE, 'tenancy'],
      shape: TEXT,
      words: { default: 'default', dedicated: 'dedicated', host: 'host' },
    },
    {
      header: 'mgn:launch:start-instance',
      path: [...LAUNCH, 'launchDisposition'],
      shape: 'LaunchDisposition',
      words: { true: 'STARTED', false: 'STOPPED' },
    },
    {
      header: 'mgn:launch:tag:instance:<key>',
      path: [...TEMPLATE, 'instanceTags', '<key>'],
      shape: 'TagValue',
    },
    { header: 'mgn:launch:transfer-server-tags', path: [...LAUNCH, 'copyTags'], shape: 'Boolean' },
    {
      header: 'mgn:launch:volume:<device>:type',
      path: [...TEMPLATE, 'volumeTypes', '<device>'],
      shape: TEXT,
      words: Object.fromEntries(VOLUME_TYPES.map((type) => [type, type])),
    },
    {
      header: 'mgn:launch:map-tagging',
      path: [...LAUNCH, 'enableMapAutoTagging'],
      shape: 'Boolean',
    },
    {
      header: 'mgn:launch:map-tag-key',
      path: ['server', 'mapTagKey'],
      shape: TEXT,
      words: { 'map-migrated': 'map-migrated' },
    },
    {
      header: 'mgn:launch:map-tag-value',
      path: [...LAUNCH, 'mapAutoTaggingMpeID'],
      shape: 'TagValue',
    },
  ]
}

function networkInterfaceColumns(): Column[] {
  const nic = 'mgn:launch:nic:<n>'
  return [
    { header: `${nic}:network-interface-id`, path: [...NIC, 'networkInterfaceId'], shape: TEXT },
    { header: `${nic}:subnet-id`, path: [...NIC, 'subnetId'], shape: 'SubnetID' },
    { header: `${nic}:private-ip:<m>`, path: [...NIC, 'privateIps', '<m>'], shape: TEXT },
    {
      header: `${nic}:security-group-id:<m>`,
      path: [...NIC, 'securityGroups', '<m>'],
      shape: 'SecurityGroupID',
    },
  ]
}

function actionColumns(): Column[] {
  const header = 'mgn:launch:post-actions:<name>'
  const column = (name: string, member: string, shape: string) => {
    return { header: `${header}:${name}`, path: [...ACTION, member], shape }
  }
  return [
    {
      header: 'mgn:launch:post-actions:enabled',
      path: ['server', 'postLaunchActionsEnabled'],
      shape: 'Boolean',
    },
    column('ssmDocumentName', 'documentIdentifier', TEXT),
    column('order', 'order', 'OrderType'),
    column('active', 'active', 'Boolean'),
    column('mustSucceedForCutover', 'mustSucceedForCutover', 'Boolean'),
    column('timeoutSeconds', 'timeoutSeconds', 'StrictlyPositiveInteger'),
    column('description', 'description', 'ActionDescription'),
    { header: `${header}:parameters`, path: [...ACTION, 'given'], shape: TEXT, isJson: true },
  ]
}

function replicationColumns(): Column[] {
  const column = (name: string, member: string, shape: string): Column => {
    return { header: `mgn:replication:${name}`, path: [...REPLICATION, member], shape }
  }
  return [
    column('staging-area-subnet-id', 'stagingAreaSubnetId', 'SubnetID'),
    column('associate-default-security-group', 'associateDefaultSecurityGroup', 'Boolean'),
    {
      header: 'mgn:replication:security-group-id:<n>',
      path: ['server', 'replicationSecurityGroups', '<n>'],
      shape: 'SecurityGroupID',
    },
    column('replication-server-instance-type', 'replicationServerInstanceType', 'EC2InstanceType'),
    column('use-dedicated-replication-server', 'useDedicatedReplicationServer', 'Boolean'),
    column(
      'default-large-staging-disk-type',
      'defaultLargeStagingDiskType',
      'ReplicationConfigurationDefaultLargeStagingDiskType',
    ),
    column('ebs-encryption', 'ebsEncryption', 'ReplicationConfigurationEbsEncryption'),
    column('ebs-encryption-key-arn', 'ebsEncryptionKeyArn', 'ARN'),
    column('bandwidth-throttling', 'bandwidthThrottling', 'BandwidthThrottling'),
    column(
      'data-replication-routing',
      'dataPlaneRouting',
      'ReplicationConfigurationDataPlaneRouting',
    ),
    column('create-public-ip', 'createPublicIP', 'Boolean'),
    {
      header: 'mgn:replication:staging-area-tag:<key>',
      path: [...REPLICATION, 'stagingAreaTags', '<key>'],
      shape: 'TagValue',
    },
    column('use-fips-endpoint', 'useFipsEndpoint', 'Boolean'),
    column('internet-protocol', 'internetProtocol', 'InternetProtocol'),
    column('store-snapshot-on-local-zone', 'storeSnapshotOnLocalZone', 'Boolean'),
    {
      header: 'mgn:replication:storage-type',
      path: ['server', 'storageType'],
      shape: TEXT,
      words: { EBS: 'EBS' },
    },
  ]
}
