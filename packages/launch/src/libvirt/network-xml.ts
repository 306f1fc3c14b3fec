import type { LaunchPlan } from '../launch-plan.ts'
import type { EmulatedSubnet, NicNetwork } from '../network/target-network.ts'

type Nic = LaunchPlan['nics'][number]

export const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0'

/** The network cards, as far as libvirt has words for them. */
export function interfaceElements(nics: readonly Nic[]): object[] {
  return nics.map(({ mac, network }, index) => ({
    '@type': network.kind === 'bridge' ? 'bridge' : 'user',
    mac: { '@address': mac },
    ...(network.kind === 'bridge' && { source: { '@bridge': network.bridge } }),
    model: { '@type': 'virtio' },
    alias: { '@name': aliasOf(index) },
  }))
}

/**
 * The rest: libvirt's user networking can neither be closed nor be given a gateway, so such a card
 * is taken from the network that libvirt makes, which stays unused, and put into one that we make.
 */
export function qemuElements(nics: readonly Nic[]): object {
  const own = nics.flatMap(({ network }, index) => {
    const options = optionsBeyondLibvirt(network)
    return options === undefined ? [] : [{ alias: aliasOf(index), id: `landfall${index}`, options }]
  })
  if (own.length === 0) return {}
  const args = own.flatMap(({ id, options }) => [
    '-netdev',
    ['user', `id=${id}`, ...options].join(),
  ])
  return {
    'qemu:commandline': { 'qemu:arg': args.map((value) => ({ '@value': value })) },
    'qemu:override': {
      'qemu:device': own.map(({ alias, id }) => ({
        '@alias': alias,
        'qemu:frontend': {
          'qemu:property': { '@name': 'netdev', '@type': 'string', '@value': id },
        },
      })),
    },
  }
}

/** libvirt wants names that others give to begin so. */
function aliasOf(index: number): string {
  return `ua-nic${index}`
}

/** Undefined: libvirt's own will do. Each value is one that we made, and holds no comma. */
function optionsBeyondLibvirt(network: NicNetwork): string[] | undefined {
  if (network.kind === 'bridge') return undefined
  const subnet = network.subnet === undefined ? [] : subnetOptions(network.subnet)
  // Restricted, QEMU answers DHCP and ARP, and drops all else from the guest; but not all of IPv6.
  if (network.kind === 'isolated') return ['restrict=on', 'ipv6=off', ...subnet]
  return subnet.length > 0 ? subnet : undefined
}

function subnetOptions({ cidr, host, nameServer, guest }: EmulatedSubnet): string[] {
  return [`net=${cidr}`, `host=${host}`, `dns=${nameServer}`, `dhcpstart=${guest}`]
}
