import { planNetwork, type NetworkPlan } from '@landfall/launch'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { serverLaunchTemplate } from '../ec2/launch-templates.ts'
import type { Purpose } from '../instances/tables.ts'
import { readServer } from '../source-servers/records.ts'
import { ISOLATED_NETWORK, networkOfSubnet, type InstanceNetwork } from './networks.ts'
import { readTestNetwork } from './test-networks.ts'

/** As planned, in one of the service's networks. */
export type InstanceNetworkPlan = NetworkPlan & { readonly network: InstanceNetwork }

/**
 * What the launch settings of a server come to for the network of an instance. `validation` when
 * they cannot be carried out.
 */
export async function networkPlanFor(
  world: Pick<Dependencies, 'networks'>,
  db: Kysely<Schema>,
  launch: { readonly sourceServerID: string; readonly purpose: Purpose },
): Promise<InstanceNetworkPlan> {
  const { sourceServerID, purpose } = launch
  const { properties, launch_configuration: settings } = await readServer(db, sourceServerID)
  const { testNetwork } = await readTestNetwork(db, sourceServerID)
  const network =
    purpose === 'REHEARSAL' || (purpose === 'TEST' && testNetwork === 'ISOLATED')
      ? ISOLATED_NETWORK
      : networkOfSubnet(world.networks, await subnetOf(db, sourceServerID))
  const plan = planNetwork({
    interfaces: properties.networkInterfaces,
    network,
    copyPrivateIp: settings.copyPrivateIp,
  })
  return { ...plan, network }
}

/** Of the launch template's first interface. */
async function subnetOf(db: Kysely<Schema>, sourceServerID: string): Promise<string | undefined> {
  const { NetworkInterfaces = [] } = await serverLaunchTemplate(db, sourceServerID)
  const first = NetworkInterfaces.find((one) => (one.DeviceIndex ?? 0) === 0)
  return first?.SubnetId
}
