import type { InterfaceSettings } from './control.ts'

/**
 * A network of the provider's, of one of these kinds:
 *
 * - `user`: each instance in one of its own, from which it reaches what its host reaches.
 * - `isolated`: each instance in one of its own, with addresses by DHCP, and no way out or in.
 * - `bridge`: a bridge of the host, and whatever is behind it.
 */
export type TargetNetwork = {
  readonly name: string
  /** Its addresses. Absent: a network of one instance has those that are wanted. */
  readonly cidr?: string
} & ({ readonly kind: 'user' | 'isolated' } | { readonly kind: 'bridge'; readonly bridge: string })

/** What becomes of the network interfaces of a source server in an instance. */
export interface NetworkPlan {
  readonly network: TargetNetwork
  /** As the source has them. */
  readonly interfaces: readonly InterfacePlan[]
}

export type InterfacePlan = {
  /** Kept, whatever card it is on. */
  readonly name: string
  readonly sourceMacAddress: string
  readonly sourceAddresses: readonly string[]
} & (
  | { readonly target: 'DHCP' }
  | { readonly target: 'STATIC'; readonly settings: InterfaceSettings }
  /** The instance has no such interface, and its boot does not wait for one. */
  | { readonly target: 'NOT_ATTACHED' }
)

/** For people: by its name, and what kind it is or what bridge. */
export function targetNetworkText(network: TargetNetwork): string {
  const behind = network.kind === 'bridge' ? `bridge ${network.bridge}` : network.kind
  return `${network.name} (${behind})`
}

/** For people, in one line. */
export function interfaceSettingsText(settings: InterfaceSettings): string {
  const { addresses, gateway, routes, nameServers } = settings
  return [
    addresses.join(', '),
    gateway === undefined ? 'no gateway' : `gateway ${gateway}`,
    ...routes.map((route) => `${route.destination} via ${route.gateway}`),
    nameServers.length > 0 ? `DNS ${nameServers.join(', ')}` : 'DNS as the guest has it',
  ].join('; ')
}
