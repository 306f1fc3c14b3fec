import type { CallContext, OperationGroup } from '../http/operation.ts'
import type { NumberedPageRequest } from '../numbered-pages.ts'
import { refuseToken } from '../pages.ts'
import { matchesFilters, type Filtered } from './filters.ts'
import { availabilityZone, SECURITY_GROUP, SUBNET, VPC } from './network.ts'
import { named } from './named.ts'

type Input = Filtered & NumberedPageRequest

/** The network of instances: one, with one subnet and one group. */
export function ec2NetworkOperations(): OperationGroup {
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
        refuseToken({ nextToken: input.NextToken })
        named(input.SubnetIds, SUBNET.SubnetId, 'InvalidSubnetID.NotFound')
        const zone = availabilityZone(region)
        const values = {
          'subnet-id': SUBNET.SubnetId,
          'vpc-id': VPC.VpcId,
          'availability-zone': zone,
          'default-for-az': 'true',
        }
        const one = { ...SUBNET, AvailabilityZone: zone, OwnerId: accountID }
        return { Subnets: matchesFilters(input.Filters, {}, values) ? [one] : [] }
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
