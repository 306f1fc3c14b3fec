import type { InterfacePlan, NetworkPlan } from '@landfall/launch'
import { formatTable } from '../table.ts'

/** The network, and what becomes of each interface of the source. */
export function networkPlanText({ network, interfaces }: NetworkPlan): string {
  const behind = network.kind === 'bridge' ? `bridge ${network.bridge}` : network.kind
  const rows = interfaces.map((one) => [
    one.name,
    one.sourceMacAddress,
    one.sourceAddresses.join(', '),
    targetText(one),
  ])
  const header = ['Interface', 'MAC on the source', 'Addresses on the source', 'Instance']
  return `network ${network.name} (${behind})\n${formatTable(header, rows)}`
}

function targetText(plan: InterfacePlan): string {
  switch (plan.target) {
    case 'DHCP':
      return 'DHCP'
    case 'NOT_ATTACHED':
      return 'not attached'
    case 'STATIC': {
      const { addresses, gateway, routes, nameServers } = plan.settings
      return [
        addresses.join(', '),
        gateway === undefined ? 'no gateway' : `gateway ${gateway}`,
        ...routes.map((one) => `${one.destination} via ${one.gateway}`),
        nameServers.length > 0 ? `DNS ${nameServers.join(', ')}` : 'DNS as the guest has it',
      ].join('; ')
    }
  }
}
