import type { CallContext, OperationGroup } from '../http/operation.ts'
import type { InstanceNetwork } from '../networks/networks.ts'
import { numberedPage, type NumberedPageRequest } from '../numbered-pages.ts'
import { refuseToken } from '../pages.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { Ec2Error } from './ec2-error.ts'
import { matchesFilters, type Filtered } from './filters.ts'
import { availabilityZone, SECURITY_GROUP, subnetView, VPC } from './network.ts'
import { named } from './named.ts'

type Input = Filtered & NumberedPageRequest

/** The networks of instances: subnets of one VPC, with one group. */
export function ec2NetworkOperations({ networks }: OperationDependencies): OperationGroup {
  return {
    ec2: {
      async DescribeVpcs(input: Input & { readonly VpcIds?: readonly string[] }, context) {
        refuseToken({ nextToken: input.NextToken })
        named(input.VpcIds, VPC.VpcId, 'InvalidVpcID.NotFound')
        const values = { 'vpc-id': VPC.VpcId, 'is-default': 'true' }
        const isShown = matchesFilters(input.Filters, {}, values)
        return { Vpcs: isShown ? [{ ...VPC, OwnerId: context.accountID }] : [] }
      },

      async DescribeSubnets(
        input: Input & { readonly SubnetIds?: readonly string[] },
        { accountID, region }: CallContext,
      ) {
        const { SubnetIds: ids = [] } = input
        const unknown = ids.find((id) => networks.every((one) => one.subnetID !== id))
        if (unknown !== undefined) {
          const message = `The subnet ID '${unknown}' does not exist`
          throw new Ec2Error('InvalidSubnetID.NotFound', message)
        }
        const place = { AvailabilityZone: availabilityZone(region), OwnerId: accountID }
        const shown = networks
          .map((network, order) => ({ network, order }))
          .filter(({ network }) => ids.length === 0 || ids.includes(network.subnetID))
          .filter(({ network }) => hasValues(network, input, place.AvailabilityZone))
        const { items, nextToken } = numberedPage(shown, input, ({ order }) => order)
        const Subnets = items.map(({ network }) => ({ ...subnetView(network), ...place }))
        return { Subnets, ...nextToken }
      },

      async DescribeSecurityGroups(
        input: Input & {
          readonly GroupIds?: readonly string[]
          readonly GroupNames?: readonly string[]
        },
        { accountID }: CallContext,
      ) {
        refuseToken({ nextToken: input.NextToken })
        named(input.GroupIds, SECURITY_GROUP.GroupId, 'InvalidGroup.NotFound')
        named(input.GroupNames, SECURITY_GROUP.GroupName, 'InvalidGroup.NotFound')
        const values = {
          'group-id': SECURITY_GROUP.GroupId,
          'group-name': SECURITY_GROUP.GroupName,
          'vpc-id': VPC.VpcId,
        }
        const isShown = matchesFilters(input.Filters, {}, values)
        return { SecurityGroups: isShown ? [{ ...SECURITY_GROUP, OwnerId: accountID }] : [] }
      },
    },
  }
}

function hasValues(network: InstanceNetwork, { Filters }: Filtered, zone: string): boolean {
  const { SubnetId, VpcId, CidrBlock, DefaultForAz, State, Tags } = subnetView(network)
  const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))
  return matchesFilters(Filters, tags, {
    'subnet-id': SubnetId,
    'vpc-id': VpcId,
    'availability-zone': zone,
    'default-for-az': String(DefaultForAz),
    'cidr-block': CidrBlock,
    state: State,
  })
}
