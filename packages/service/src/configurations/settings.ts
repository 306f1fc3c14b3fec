import type { ActionDocument } from '../post-launch-actions/tables.ts'

/**
 * The settings of replication and launch, in MGN's words, and what they are when nobody chose. What
 * only a cloud has (subnets, security groups, volume types) is kept and given back, so that MGN's
 * clients work, and means nothing here.
 */
export interface ReplicationSettings {
  readonly stagingAreaSubnetId: string
  readonly associateDefaultSecurityGroup: boolean
  readonly replicationServersSecurityGroupsIDs: readonly string[]
  readonly replicationServerInstanceType: string
  readonly useDedicatedReplicationServer: boolean
  readonly defaultLargeStagingDiskType: string
  readonly ebsEncryption: string
  readonly ebsEncryptionKeyArn?: string
  /** Megabits per second for each source server; 0 is unlimited. */
  readonly bandwidthThrottling: number
  readonly dataPlaneRouting: string
  readonly createPublicIP: boolean
  readonly stagingAreaTags: Readonly<Record<string, string>>
  readonly useFipsEndpoint: boolean
  readonly internetProtocol: string
  readonly storeSnapshotOnLocalZone: boolean
}

export interface ReplicatedDiskSettings {
  readonly deviceName: string
  readonly isBootDisk: boolean
  readonly stagingDiskType: string
  readonly iops?: number
  readonly throughput?: number
}

/** One source server's. */
export interface ReplicationConfiguration extends ReplicationSettings {
  readonly name: string
  readonly replicatedDisks: readonly ReplicatedDiskSettings[]
}

/** After which launches actions run. Without `deployment` they are off. */
export interface PostLaunchActions {
  readonly deployment?: 'TEST_AND_CUTOVER' | 'CUTOVER_ONLY' | 'TEST_ONLY'
  /** Run besides the server's own actions. */
  readonly ssmDocuments?: readonly SsmDocument[]
}

/** An action that only a launch configuration has. */
export interface SsmDocument {
  readonly actionName: string
  readonly ssmDocumentName: string
  readonly timeoutSeconds?: number
  readonly mustSucceedForCutover?: boolean
  readonly parameters?: ActionDocument['parameters']
  readonly externalParameters?: ActionDocument['externalParameters']
}

/** What launch configuration and launch configuration template have in common. */
export interface LaunchSettings {
  readonly launchDisposition: 'STARTED' | 'STOPPED'
  readonly targetInstanceTypeRightSizingMethod: 'NONE' | 'BASIC'
  readonly copyPrivateIp: boolean
  readonly copyTags: boolean
  readonly licensing: { readonly osByol?: boolean }
  readonly bootMode: 'LEGACY_BIOS' | 'UEFI' | 'USE_SOURCE'
  readonly postLaunchActions: PostLaunchActions
  readonly enableMapAutoTagging: boolean
  readonly mapAutoTaggingMpeID?: string
}

/** One source server's. */
export interface LaunchConfiguration extends LaunchSettings {
  readonly name: string
}

export interface VolumeSettings {
  readonly volumeType?: string
  readonly iops?: number
  readonly throughput?: number
}

export interface LaunchTemplateSettings extends LaunchSettings {
  readonly associatePublicIpAddress: boolean
  /** GiB. */
  readonly smallVolumeMaxSize: number
  readonly smallVolumeConf: VolumeSettings
  readonly largeVolumeConf: VolumeSettings
  readonly enableParametersEncryption: boolean
  readonly parametersEncryptionKey?: string
}

/** The model's pattern asks for a subnet; there is none here. */
const NO_SUBNET = 'subnet-00000000000000000'

export const REPLICATION_DEFAULTS: ReplicationSettings = {
  stagingAreaSubnetId: NO_SUBNET,
  associateDefaultSecurityGroup: true,
  replicationServersSecurityGroupsIDs: [],
  replicationServerInstanceType: 't3.small',
  useDedicatedReplicationServer: false,
  defaultLargeStagingDiskType: 'GP3',
  ebsEncryption: 'DEFAULT',
  bandwidthThrottling: 0,
  dataPlaneRouting: 'PRIVATE_IP',
  createPublicIP: false,
  stagingAreaTags: {},
  useFipsEndpoint: false,
  internetProtocol: 'IPV4',
  storeSnapshotOnLocalZone: false,
}

const LAUNCH_DEFAULTS: LaunchSettings = {
  launchDisposition: 'STARTED',
  targetInstanceTypeRightSizingMethod: 'BASIC',
  copyPrivateIp: false,
  copyTags: false,
  // Linux always brings its own licence.
  licensing: { osByol: true },
  bootMode: 'USE_SOURCE',
  // On from the start: what runs them, the agent, is on every instance already.
  postLaunchActions: { deployment: 'TEST_AND_CUTOVER' },
  enableMapAutoTagging: false,
}

export const LAUNCH_TEMPLATE_DEFAULTS: LaunchTemplateSettings = {
  ...LAUNCH_DEFAULTS,
  associatePublicIpAddress: false,
  smallVolumeMaxSize: 0,
  smallVolumeConf: { volumeType: 'gp3' },
  largeVolumeConf: { volumeType: 'gp3' },
  enableParametersEncryption: false,
}

/**
 * Fields a caller may set, by the object they belong to; anything else in an input is not a
 * setting.
 */
export const REPLICATION_FIELDS = [
  ...(Object.keys(REPLICATION_DEFAULTS) as (keyof ReplicationSettings)[]),
  'ebsEncryptionKeyArn',
] as const
export const REPLICATION_CONFIGURATION_FIELDS = [
  ...REPLICATION_FIELDS,
  'name',
  'replicatedDisks',
] as const
export const LAUNCH_TEMPLATE_FIELDS = [
  ...(Object.keys(LAUNCH_TEMPLATE_DEFAULTS) as (keyof LaunchTemplateSettings)[]),
  'mapAutoTaggingMpeID',
  'parametersEncryptionKey',
] as const
export const LAUNCH_CONFIGURATION_FIELDS = [
  'name',
  'launchDisposition',
  'targetInstanceTypeRightSizingMethod',
  'copyPrivateIp',
  'copyTags',
  'licensing',
  'bootMode',
  'postLaunchActions',
  'enableMapAutoTagging',
  'mapAutoTaggingMpeID',
] as const

/** `settings` with the fields that `input` gives; the rest stays. */
export function withChanges<Settings extends object>(
  settings: Settings,
  input: object,
  fields: readonly (keyof Settings)[],
): Settings {
  const given = fields.filter((field) => (input as Settings)[field] !== undefined)
  const changes = given.map((field) => [field, (input as Settings)[field]])
  return { ...settings, ...(Object.fromEntries(changes) as Partial<Settings>) }
}

/** What a new server's launch configuration takes over from the template. */
export function launchConfigurationFrom(
  template: LaunchTemplateSettings,
  name: string,
): LaunchConfiguration {
  return withChanges({ ...LAUNCH_DEFAULTS, name }, template, LAUNCH_CONFIGURATION_FIELDS)
}
