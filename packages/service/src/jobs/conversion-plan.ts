import { macAddressOf, nicNetwork, plannedSettings } from '@landfall/launch'
import { LandfallError, type ConversionPlan } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Purpose } from '../instances/tables.ts'
import { networkPlanFor, type InstanceNetworkPlan } from '../networks/network-plans.ts'

/** What the conversion writes into a guest for the instance that it becomes. */
export function conversionPlan(
  { instances, certificateAuthority }: Dependencies,
  instanceID: string,
  network: InstanceNetworkPlan,
): ConversionPlan {
  const settings = plannedSettings(network)
  const attached = network.interfaces.find((one) => one.target !== 'NOT_ATTACHED')
  const nic = nicNetwork(network.network, settings)
  const isUsual = nic.kind !== 'bridge' && nic.subnet === undefined
  return {
    identity: {
      instanceID,
      // Put in when the command is handed out.
      token: '',
      endpoint: isUsual ? instances.endpoint : instances.outerEndpoint,
      caCertificatePem: certificateAuthority.caCertificatePem,
    },
    ...(attached && { primaryInterface: { name: attached.name, ...(settings && { settings }) } }),
    otherInterfaces: network.interfaces
      .filter((one) => one.target === 'NOT_ATTACHED')
      .map((one) => one.name),
    targetMac: macAddressOf(instanceID),
  }
}

/** A step decides once: a refusal is a decision, too. */
export async function planOrRefusal(
  world: Dependencies,
  db: Kysely<Schema>,
  launch: { readonly sourceServerID: string; readonly purpose: Purpose },
): Promise<{ readonly network?: InstanceNetworkPlan; readonly refusal?: string }> {
  try {
    return { network: await networkPlanFor(world, db, launch) }
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'validation') {
      return { refusal: error.message }
    }
    throw error
  }
}
