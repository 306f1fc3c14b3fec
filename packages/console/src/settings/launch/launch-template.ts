import type { Tag } from '../../forms/tags-field.tsx'

/** The members of EC2's RequestLaunchTemplateData that mean something here; all others stay. */
export interface LaunchTemplateData {
  readonly InstanceType?: string
  readonly DisableApiTermination?: boolean
  readonly BlockDeviceMappings?: readonly BlockDeviceMapping[]
  readonly NetworkInterfaces?: readonly {
    readonly DeviceIndex?: number
    readonly SubnetId?: string | undefined
  }[]
  readonly TagSpecifications?: readonly {
    readonly ResourceType?: string
    readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[]
  }[]
}

interface BlockDeviceMapping {
  readonly DeviceName?: string
  readonly Ebs?: {
    readonly VolumeType?: string | undefined
    readonly Iops?: number | undefined
    readonly Throughput?: number | undefined
  }
}

/** The hints for one disk of the source. */
export interface Volume extends VolumeHints {
  readonly deviceName: string
}

/** What a volume should be on. */
export interface VolumeHints {
  /** '': none, which is gp2's. */
  readonly volumeType: string
  /** Operations per second, at most. */
  readonly iops: number | undefined
  /** MiB per second, at most. */
  readonly throughput: number | undefined
}

/** What the form edits. */
export interface TemplateSettings {
  readonly instanceType: string
  /** '': none was chosen. */
  readonly subnetID: string
  readonly volumes: readonly Volume[]
  /** Of the instance. */
  readonly tags: readonly Tag[]
  readonly isProtected: boolean
}

/** What the template says, for the disks that it or the source has. */
export function readTemplate(
  data: LaunchTemplateData,
  deviceNames: readonly string[],
): TemplateSettings {
  const mapped = (data.BlockDeviceMappings ?? []).flatMap(({ DeviceName }) => DeviceName ?? [])
  return {
    instanceType: data.InstanceType ?? '',
    subnetID: data.NetworkInterfaces?.find(isPrimary)?.SubnetId ?? '',
    volumes: [...new Set([...deviceNames, ...mapped])].map((name) => readVolume(data, name)),
    tags: (data.TagSpecifications?.find(isOfInstance)?.Tags ?? []).map((tag) => ({
      key: tag.Key ?? '',
      value: tag.Value ?? '',
    })),
    isProtected: data.DisableApiTermination ?? false,
  }
}

function readVolume({ BlockDeviceMappings = [] }: LaunchTemplateData, deviceName: string): Volume {
  const ebs = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === deviceName)?.Ebs
  return {
    deviceName,
    volumeType: ebs?.VolumeType ?? '',
    iops: ebs?.Iops,
    throughput: ebs?.Throughput,
  }
}

/** The members of `data` that a new version has in their place, for what was changed. */
export function writeTemplate(
  data: LaunchTemplateData,
  changes: Partial<TemplateSettings>,
): LaunchTemplateData {
  const { instanceType, subnetID, volumes, tags, isProtected } = changes
  return {
    ...(instanceType !== undefined && { InstanceType: instanceType }),
    ...(subnetID !== undefined && { NetworkInterfaces: withSubnet(data, subnetID) }),
    ...(volumes !== undefined && { BlockDeviceMappings: withVolumes(data, volumes) }),
    ...(tags !== undefined && { TagSpecifications: withTags(data, tags) }),
    ...(isProtected !== undefined && { DisableApiTermination: isProtected }),
  }
}

/** What is undefined in it is not sent. */
function withSubnet({ NetworkInterfaces = [] }: LaunchTemplateData, subnetID: string) {
  const given = NetworkInterfaces.some(isPrimary)
    ? NetworkInterfaces
    : [{ DeviceIndex: 0 }, ...NetworkInterfaces]
  const SubnetId = subnetID || undefined
  return given.map((one) => (isPrimary(one) ? { ...one, SubnetId } : one))
}

function withVolumes(
  { BlockDeviceMappings = [] }: LaunchTemplateData,
  volumes: readonly Volume[],
): BlockDeviceMapping[] {
  return volumes.map(({ deviceName: DeviceName, volumeType, iops, throughput }) => {
    const before = BlockDeviceMappings.find((one) => one.DeviceName === DeviceName)
    const limits = { Iops: iops, Throughput: throughput }
    const Ebs = { ...before?.Ebs, VolumeType: volumeType || undefined, ...limits }
    return { ...before, DeviceName, Ebs }
  })
}

function withTags({ TagSpecifications = [] }: LaunchTemplateData, tags: readonly Tag[]) {
  const others = TagSpecifications.filter((one) => !isOfInstance(one))
  if (tags.length === 0) return others
  const Tags = tags.map(({ key, value }) => ({ Key: key, Value: value }))
  return [{ ResourceType: 'instance', Tags }, ...others]
}

function isPrimary({ DeviceIndex = 0 }: { readonly DeviceIndex?: number }): boolean {
  return DeviceIndex === 0
}

function isOfInstance({ ResourceType }: { readonly ResourceType?: string }): boolean {
  return ResourceType === 'instance'
}
