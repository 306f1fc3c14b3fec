import type { InterfaceSettings, TargetNetwork } from '@landfall/model'
import { addressText, contains, freeAddresses, networkText, parseAddress } from './ipv4.ts'
import { parseInterfaceAddress, parseNetwork, type Ipv4Network } from './ipv4.ts'

/** What QEMU is in a network of one instance; the guest asks it for all of this by DHCP. */
export interface EmulatedSubnet {
  readonly cidr: string
  /** QEMU's own address, the gateway. */
  readonly host: string
  readonly nameServer: string
  /** The instance's. */
  readonly guest: string
}

/** How one network card of an instance is attached. */
export type NicNetwork =
  | { readonly kind: 'user' | 'isolated'; readonly subnet?: EmulatedSubnet }
  | { readonly kind: 'bridge'; readonly bridge: string }

/** The instance, its gateway and its name server. */
const EMULATED_HOSTS = 3

/** An emulated network has room for three machines; wider than this QEMU does not go. */
export const EMULATED_PREFIX_MIN = 8
export const EMULATED_PREFIX_MAX = 29

/** The card of an instance that has these settings; undefined: DHCP's. */
export function nicNetwork(network: TargetNetwork, settings?: InterfaceSettings): NicNetwork {
  if (network.kind === 'bridge') return { kind: network.kind, bridge: network.bridge }
  const address = parseInterfaceAddress(settings?.addresses[0] ?? '')
  if (settings !== undefined && address !== undefined) {
    const subnet = emulatedSubnet(address.network, settings, address.address)
    return { kind: network.kind, subnet }
  }
  const given = network.cidr === undefined ? undefined : parseNetwork(network.cidr)
  if (given === undefined) return { kind: network.kind }
  return { kind: network.kind, subnet: emulatedSubnet(given) }
}

/** QEMU takes the place of the source's gateway, and of a name server beside it. */
function emulatedSubnet(
  network: Ipv4Network,
  settings?: InterfaceSettings,
  address?: number,
): EmulatedSubnet {
  const beside = (text: string | undefined): number[] => {
    const one = parseAddress(text ?? '')
    return one !== undefined && contains(network, one) ? [one] : []
  }
  const guests = (settings?.addresses ?? []).flatMap((one) => beside(one.split('/')[0]))
  const [gateway] = beside(settings?.gateway)
  const nameServers = (settings?.nameServers ?? []).flatMap(beside)
  const free = freeAddresses(network, [...guests, ...nameServers, gateway ?? 0], EMULATED_HOSTS)
  const take = () => free.shift() ?? network.first
  const host = gateway ?? take()
  const nameServer = nameServers.find((one) => one !== host && !guests.includes(one)) ?? take()
  return {
    cidr: networkText(network),
    host: addressText(host),
    nameServer: addressText(nameServer),
    guest: addressText(address ?? take()),
  }
}
