/**
 * The network that stands for the provider's own: QEMU gives each instance one that is closed to
 * the others. Its members are named so that settings of MGN's clients have something to refer to.
 */
const CIDR = '10.0.2.0/24'

export const VPC = {
  VpcId: 'vpc-00000000000000000',
  CidrBlock: CIDR,
  State: 'available',
  IsDefault: true,
  InstanceTenancy: 'default',
  Tags: [],
} as const

export const SUBNET = {
  SubnetId: 'subnet-00000000000000000',
  VpcId: VPC.VpcId,
  CidrBlock: CIDR,
  State: 'available',
  DefaultForAz: true,
  MapPublicIpOnLaunch: false,
  Tags: [],
} as const

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
