/** A network of instances, as DescribeNetworkPlan gives it. */
interface PlannedNetwork {
  readonly name: string
  readonly kind: string
  readonly bridge?: string
}

/** What becomes of one interface of the source. */
export type PlannedInterface = {
  readonly name: string
  readonly sourceMacAddress: string
  readonly sourceAddresses: readonly string[]
} & (
  | { readonly target: 'DHCP' | 'NOT_ATTACHED' }
  | {
      readonly target: 'STATIC'
      readonly settings: {
        readonly addresses: readonly string[]
        readonly gateway?: string
        readonly routes: readonly { readonly destination: string; readonly gateway: string }[]
        readonly nameServers: readonly string[]
      }
    }
)

export interface NetworkPlan {
  readonly network: PlannedNetwork
  readonly interfaces: readonly PlannedInterface[]
}

export function networkText({ name, kind, bridge }: PlannedNetwork): string {
  return `${name} (${bridge === undefined ? kind : `bridge ${bridge}`})`
}

/** What the instance has in the place of an interface of the source. */
export function targetText(plan: PlannedInterface): string {
  switch (plan.target) {
    case 'DHCP':
      return 'An address by DHCP'
    case 'NOT_ATTACHED':
      return 'Not attached'
    case 'STATIC': {
      const { addresses, gateway, routes, nameServers } = plan.settings
      return [
        addresses.join(', '),
        gateway === undefined ? 'no gateway' : `gateway ${gateway}`,
        ...routes.map((route) => `${route.destination} via ${route.gateway}`),
        nameServers.length > 0 ? `DNS ${nameServers.join(', ')}` : 'DNS as the guest has it',
      ].join('; ')
    }
  }
}
