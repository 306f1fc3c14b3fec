import { planNetwork } from '@landfall/launch'
import type { InstancePurpose, NetworkPlan } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import type { LaunchTemplateData } from '../ec2/tables.ts'
import { readServerToLaunch, type ServerToLaunch } from '../source-servers/launch-settings.ts'
import { ISOLATED_NETWORK, networkOfSubnet, type InstanceNetwork } from './networks.ts'

/** As planned, in one of the service's networks. */
export type InstanceNetworkPlan = NetworkPlan & { readonly network: InstanceNetwork }

/** `networkPlan` of a server as it is now. */
export async function networkPlanFor(
  { networks }: Pick<Dependencies, 'networks'>,
  db: Kysely<Schema>,
  launch: { readonly sourceServerID: string; readonly purpose: InstancePurpose },
): Promise<InstanceNetworkPlan> {
  const { sourceServerID, purpose } = launch
  return networkPlan(networks, await readServerToLaunch(db, sourceServerID), purpose)
}

/**
 * What the launch settings of a server come to for the network of an instance. `validation` when
 * they cannot be carried out.
 */
export function networkPlan(
  networks: readonly InstanceNetwork[],
  server: ServerToLaunch,
  purpose: InstancePurpose,
): InstanceNetworkPlan {
  const { properties, launch_configuration: settings, template, testNetwork } = server
  const network =
    purpose === 'REHEARSAL' || (purpose === 'TEST' && testNetwork === 'ISOLATED')
      ? ISOLATED_NETWORK
      : networkOfSubnet(networks, subnetOf(template))
  const plan = planNetwork({
    interfaces: properties.networkInterfaces,
    network,
    copyPrivateIp: settings.copyPrivateIp,
  })
  return { ...plan, network }
}

/** Of the launch template's first interface. */
function subnetOf({ NetworkInterfaces = [] }: LaunchTemplateData): string | undefined {
  return NetworkInterfaces.find((one) => (one.DeviceIndex ?? 0) === 0)?.SubnetId
}
