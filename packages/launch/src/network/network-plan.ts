import {
  LandfallError,
  type InterfaceSettings,
  type NetworkPlan,
  type SourceProperties,
  type TargetNetwork,
} from '@landfall/model'
import { contains, networkText, parseAddress, parseInterfaceAddress, parseNetwork } from './ipv4.ts'
import { EMULATED_PREFIX_MAX, EMULATED_PREFIX_MIN } from './target-network.ts'

export interface NetworkPlanInput {
  readonly interfaces: SourceProperties['networkInterfaces']
  readonly network: TargetNetwork
  /** The instance keeps the source's addresses. */
  readonly copyPrivateIp: boolean
}

const DOMAIN = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/

/**
 * Plans the network of an instance: one card, which takes the place of the source's primary
 * interface, and nothing for the others. `validation` when the source's addresses are to be kept
 * and cannot be.
 */
export function planNetwork(input: NetworkPlanInput): NetworkPlan {
  const { interfaces, network, copyPrivateIp } = input
  const primary = interfaces.find((one) => one.isPrimary)
  if (copyPrivateIp && primary === undefined) {
    throw refusal('no interface of the source is known to have its default route')
  }
  return {
    network,
    interfaces: interfaces.map((one) => {
      const { name, macAddress: sourceMacAddress, ips: sourceAddresses } = one
      const same = { name, sourceMacAddress, sourceAddresses }
      if (one !== primary) return { ...same, target: 'NOT_ATTACHED' }
      if (!copyPrivateIp) return { ...same, target: 'DHCP' }
      return { ...same, target: 'STATIC', settings: keptSettings(one, network) }
    }),
  }
}

/** The settings of the interface that the plan attaches; undefined: DHCP, or not known. */
export function plannedSettings({ interfaces }: NetworkPlan): InterfaceSettings | undefined {
  const found = interfaces.find((one) => one.target === 'STATIC')
  return found?.settings
}

function keptSettings(
  { name, settings }: SourceProperties['networkInterfaces'][number],
  network: TargetNetwork,
): InterfaceSettings {
  if (settings === undefined) {
    throw refusal(
      `the agent has not told the settings of ${name} yet. It does when it is installed again`,
    )
  }
  const [first] = settings.addresses
  if (first === undefined) throw refusal(`${name} of the source has no IPv4 address`)
  for (const address of settings.addresses) requireRoom(network, name, address)
  requireReachable(name, first, settings.gateway)
  return usableSettings(settings)
}

/** The rest is what somebody's machine said, and goes into files: what it cannot be is left out. */
function usableSettings(settings: InterfaceSettings): InterfaceSettings {
  const isAddress = (text: string) => parseAddress(text) !== undefined
  return {
    ...settings,
    routes: settings.routes.filter(
      (one) => parseNetwork(one.destination) !== undefined && isAddress(one.gateway),
    ),
    nameServers: settings.nameServers.filter(isAddress),
    searchDomains: settings.searchDomains.filter((one) => DOMAIN.test(one)),
  }
}

function requireRoom(network: TargetNetwork, name: string, text: string): void {
  const parsed = parseInterfaceAddress(text)
  if (parsed === undefined) throw refusal(`"${text}" of ${name} is not an IPv4 address`)
  const given = network.cidr === undefined ? undefined : parseNetwork(network.cidr)
  if (given !== undefined && !contains(given, parsed.address)) {
    throw refusal(
      `the address ${text} of ${name} is not in the network ${network.name}, ` +
        `which is ${network.cidr}. Choose another subnet in the EC2 launch template`,
    )
  }
  const { prefix } = parsed.network
  if (network.kind === 'bridge') return
  if (prefix >= EMULATED_PREFIX_MIN && prefix <= EMULATED_PREFIX_MAX) return
  throw refusal(
    `the address ${text} of ${name} is in a network of prefix length ${prefix}, and the network ` +
      `${network.name} (${network.kind}) can stand for one of ${EMULATED_PREFIX_MIN} to ` +
      `${EMULATED_PREFIX_MAX}`,
  )
}

/** Else no packet would ever leave, and nobody would know why. */
function requireReachable(name: string, address: string, gateway: string | undefined): void {
  const network = parseInterfaceAddress(address)?.network
  const parsed = parseAddress(gateway ?? '')
  if (gateway === undefined || network === undefined) return
  if (parsed !== undefined && contains(network, parsed)) return
  throw refusal(
    `the gateway ${gateway} of ${name} is not in the network of its address, ` +
      networkText(network),
  )
}

function refusal(why: string): LandfallError {
  const message = `The source's private IP address cannot be kept (copyPrivateIp): ${why}.`
  return new LandfallError('validation', message, {
    fields: [{ name: 'copyPrivateIp', message }],
  })
}
