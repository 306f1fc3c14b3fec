import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

/** Name of the host as guests on QEMU's user networking see it. */
const QEMU_HOST_ADDRESS = '10.0.2.2'

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/**
 * Where agents find this machine: the operator's addresses first, then its own (IPv4 before IPv6;
 * loopback when there is no other), then QEMU's name for the host. No duplicates.
 */
export function agentAddresses(
  given: readonly string[],
  interfaces: Interfaces = networkInterfaces(),
): string[] {
  const infos = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter((info) => !info.internal && !isLinkLocal(info.address))
  const own = infos.toSorted((a, b) => a.family.localeCompare(b.family)).map((info) => info.address)
  const found = own.length === 0 ? ['127.0.0.1'] : own
  return [...new Set([...given, ...found, QEMU_HOST_ADDRESS])]
}

/** Such an address means nothing without the name of an interface. */
function isLinkLocal(address: string): boolean {
  return address.toLowerCase().startsWith('fe80:')
}
