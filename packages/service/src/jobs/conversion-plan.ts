import { macAddressOf, nicNetwork, plannedSettings } from '@landfall/launch'
import { LandfallError, type ConversionPlan, type InstancePurpose } from '@landfall/model'
import type { Dependencies } from '../dependencies.ts'
import { networkPlan, type InstanceNetworkPlan } from '../networks/network-plans.ts'
import type { ServerToLaunch } from '../source-servers/launch-settings.ts'

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
export function planOrRefusal(
  networks: Dependencies['networks'],
  server: ServerToLaunch,
  purpose: InstancePurpose,
): { readonly network?: InstanceNetworkPlan; readonly refusal?: string } {
  try {
    return { network: networkPlan(networks, server, purpose) }
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'validation') {
      return { refusal: error.message }
    }
    throw error
  }
}
