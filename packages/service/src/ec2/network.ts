import { DEFAULT_NETWORK, type InstanceNetwork } from '../networks/networks.ts'

/** The VPC that all networks of instances are said to be in: EC2's clients want one. */
export const VPC = {
  VpcId: 'vpc-00000000000000000',
  CidrBlock: '10.0.2.0/24',
  State: 'available',
  IsDefault: true,
  InstanceTenancy: 'default',
  Tags: [],
} as const

/** QEMU's own, in a network of one instance. */
const EMULATED_CIDR = '10.0.2.0/24'
/** What is behind a bridge is known to whoever named it. */
const UNKNOWN_CIDR = '0.0.0.0/0'

/** A network of instances as EC2's clients see it. */
export function subnetView(network: InstanceNetwork) {
  return {
    SubnetId: network.subnetID,
    VpcId: VPC.VpcId,
    CidrBlock: network.cidr ?? (network.kind === 'bridge' ? UNKNOWN_CIDR : EMULATED_CIDR),
    State: 'available',
    DefaultForAz: network.subnetID === DEFAULT_NETWORK.subnetID,
    MapPublicIpOnLaunch: false,
    Tags: [
      { Key: 'Name', Value: network.name },
      { Key: 'landfall:kind', Value: network.kind },
    ],
  }
}

export const SECURITY_GROUP = {
  GroupId: 'sg-00000000000000000',
  GroupName: 'default',
  Description: 'An instance reaches what its host reaches, and nobody reaches it',
  VpcId: VPC.VpcId,
  IpPermissions: [],
  IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  Tags: [],
} as const

/** The one zone of a region. */
export function availabilityZone(region: string): string {
  return `${region}a`
}
