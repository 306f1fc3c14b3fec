import type { LaunchTemplateData } from '../ec2/tables.ts'
import type { LaunchTemplateContent, NetworkInterfaceContent } from './row-content.ts'

type NetworkInterface = NonNullable<LaunchTemplateData['NetworkInterfaces']>[number]
type Tags = Readonly<Record<string, string>>

/** A launch template with what a row says of it; the rest stays. */
export function withLaunchTemplateContent(
  data: LaunchTemplateData,
  content: LaunchTemplateContent,
): LaunchTemplateData {
  const { instanceType, instanceProfile, hostID, tenancy } = content
  return {
    ...data,
    ...(instanceType !== undefined && { InstanceType: instanceType }),
    ...(instanceProfile !== undefined && {
      IamInstanceProfile: { ...data.IamInstanceProfile, Name: instanceProfile },
    }),
    ...((hostID ?? tenancy) !== undefined && {
      Placement: {
        ...data.Placement,
        ...(hostID !== undefined && { HostId: hostID }),
        ...(tenancy !== undefined && { Tenancy: tenancy }),
      },
    }),
    ...(content.networkInterfaces && {
      NetworkInterfaces: withInterfaces(data, content.networkInterfaces),
    }),
    ...(content.volumeTypes && { BlockDeviceMappings: withVolumes(data, content.volumeTypes) }),
    ...(content.instanceTags && { TagSpecifications: withTags(data, content.instanceTags) }),
  }
}

/** What a row says of a launch template. */
export function launchTemplateContentOf(data: LaunchTemplateData): LaunchTemplateContent {
  const { IamInstanceProfile, Placement, NetworkInterfaces = [], BlockDeviceMappings = [] } = data
  const volumeTypes = BlockDeviceMappings.flatMap(({ DeviceName, Ebs }) =>
    DeviceName === undefined || Ebs?.VolumeType === undefined ? [] : [[DeviceName, Ebs.VolumeType]],
  )
  return {
    ...(data.InstanceType !== undefined && { instanceType: data.InstanceType }),
    ...(IamInstanceProfile?.Name !== undefined && { instanceProfile: IamInstanceProfile.Name }),
    ...(Placement?.HostId !== undefined && { hostID: Placement.HostId }),
    ...(Placement?.Tenancy !== undefined && { tenancy: Placement.Tenancy }),
    networkInterfaces: Object.fromEntries(
      NetworkInterfaces.map((one, index) => [one.DeviceIndex ?? index, interfaceContentOf(one)]),
    ),
    volumeTypes: Object.fromEntries(volumeTypes) as Record<string, string>,
    instanceTags: instanceTagsOf(data),
  }
}

function interfaceContentOf(one: NetworkInterface): NetworkInterfaceContent {
  const ips = one.PrivateIpAddresses?.map(({ PrivateIpAddress = '' }) => PrivateIpAddress) ?? []
  return {
    ...(one.NetworkInterfaceId !== undefined && { networkInterfaceId: one.NetworkInterfaceId }),
    ...(one.SubnetId !== undefined && { subnetId: one.SubnetId }),
    privateIps: numbered(ips),
    securityGroups: numbered(one.Groups ?? []),
  }
}

/** The interfaces with what is given for those of the numbers, which are their device indexes. */
function withInterfaces(
  { NetworkInterfaces = [] }: LaunchTemplateData,
  given: NonNullable<LaunchTemplateContent['networkInterfaces']>,
): NetworkInterface[] {
  const all = new Map(NetworkInterfaces.map((one, index) => [one.DeviceIndex ?? index, one]))
  for (const [number, content] of Object.entries(given)) {
    const index = Number(number)
    const before = all.get(index) ?? { DeviceIndex: index, DeleteOnTermination: true }
    all.set(index, withInterface(before, content))
  }
  return [...all.entries()].toSorted(([a], [b]) => a - b).map(([, one]) => one)
}

function withInterface(before: NetworkInterface, content: NetworkInterfaceContent) {
  const { networkInterfaceId, subnetId, privateIps, securityGroups } = content
  return {
    ...before,
    ...(networkInterfaceId !== undefined && { NetworkInterfaceId: networkInterfaceId }),
    ...(subnetId !== undefined && { SubnetId: subnetId }),
    ...(privateIps && {
      PrivateIpAddresses: inOrder(privateIps).map((PrivateIpAddress, index) => ({
        PrivateIpAddress,
        Primary: index === 0,
      })),
    }),
    ...(securityGroups && { Groups: inOrder(securityGroups) }),
  }
}

function withVolumes(
  { BlockDeviceMappings = [] }: LaunchTemplateData,
  types: NonNullable<LaunchTemplateContent['volumeTypes']>,
) {
  const all = new Map(BlockDeviceMappings.map((one) => [one.DeviceName, one]))
  for (const [DeviceName, VolumeType] of Object.entries(types)) {
    const before = all.get(DeviceName)
    all.set(DeviceName, { ...before, DeviceName, Ebs: { ...before?.Ebs, VolumeType } })
  }
  return [...all.values()]
}

function instanceTagsOf({ TagSpecifications = [] }: LaunchTemplateData): Tags {
  const tags = TagSpecifications.find((one) => one.ResourceType === 'instance')?.Tags ?? []
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

function withTags(data: LaunchTemplateData, given: Tags) {
  const all = [...Object.entries(instanceTagsOf(data)), ...Object.entries(given)]
  const Tags = [...new Map(all)].map(([Key, Value]) => ({ Key, Value }))
  const others = (data.TagSpecifications ?? []).filter((one) => one.ResourceType !== 'instance')
  return [{ ResourceType: 'instance', Tags }, ...others]
}

function numbered(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(values.entries())
}

/** By the numbers in the columns' headers. */
export function inOrder<T>(numbered: Readonly<Record<string, T>>): T[] {
  return Object.entries(numbered)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value)
}
