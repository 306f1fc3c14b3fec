import {
  type InterfacePlan,
  interfaceSettingsText,
  type NetworkPlan,
  targetNetworkText,
} from '@landfall/model'
import { formatTable } from '../table.ts'

/** The network, and what becomes of each interface of the source. */
export function networkPlanText({ network, interfaces }: NetworkPlan): string {
  const rows = interfaces.map((one) => [
    one.name,
    one.sourceMacAddress,
    one.sourceAddresses.join(', '),
    targetText(one),
  ])
  const header = ['Interface', 'MAC on the source', 'Addresses on the source', 'Instance']
  return `network ${targetNetworkText(network)}\n${formatTable(header, rows)}`
}

function targetText(plan: InterfacePlan): string {
  switch (plan.target) {
    case 'DHCP':
      return 'DHCP'
    case 'NOT_ATTACHED':
      return 'not attached'
    case 'STATIC':
      return interfaceSettingsText(plan.settings)
  }
}
