import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { matchesFilters, type Filtered } from './filters.ts'
import { named } from './named.ts'
import { availabilityZone } from './network.ts'

/** Where instances are: one region with one zone. */
export function ec2RegionOperations({ instances }: OperationDependencies): OperationGroup {
  return {
    ec2: {
      async DescribeRegions(
        input: Filtered & { readonly RegionNames?: readonly string[] },
        { region }: CallContext,
      ) {
        named(input.RegionNames, region, 'InvalidParameterValue')
        const isShown = matchesFilters(input.Filters, {}, { 'region-name': region })
        const one = {
          RegionName: region,
          Endpoint: new URL(instances.endpoint).host,
          OptInStatus: 'opt-in-not-required',
        }
        return { Regions: isShown ? [one] : [] }
      },

      async DescribeAvailabilityZones(
        input: Filtered & { readonly ZoneNames?: readonly string[] },
        { region }: CallContext,
      ) {
        const name = availabilityZone(region)
        named(input.ZoneNames, name, 'InvalidParameterValue')
        const values = { 'zone-name': name, 'region-name': region, state: 'available' }
        const zone = {
          ZoneName: name,
          ZoneId: name,
          RegionName: region,
          State: 'available',
          OptInStatus: 'opt-in-not-required',
          ZoneType: 'availability-zone',
        }
        return { AvailabilityZones: matchesFilters(input.Filters, {}, values) ? [zone] : [] }
      },
    },
  }
}
