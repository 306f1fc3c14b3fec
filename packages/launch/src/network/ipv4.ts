/** IPv4 addresses as numbers, and networks as their first address and prefix length. */
export interface Ipv4Network {
  readonly first: number
  readonly prefix: number
}

/** Undefined when it is no address in dotted decimal. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)))
    return undefined
  const bytes = parts.map(Number)
  if (bytes.some((byte) => byte > 255)) return undefined
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0)
}

/** `192.0.2.10/24`, of which the network is 192.0.2.0/24; undefined when it is nothing like it. */
export function parseInterfaceAddress(
  text: string,
): { readonly address: number; readonly network: Ipv4Network } | undefined {
  const [addressText = '', prefixText = '', ...more] = text.split('/')
  const address = parseAddress(addressText)
  const prefix = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : 33
  if (address === undefined || prefix > 32 || more.length > 0) return undefined
  const size = sizeOf(prefix)
  return { address, network: { first: address - (address % size), prefix } }
}

/** A network by its first address: `192.0.2.0/24`, but not `192.0.2.10/24`. */
export function parseNetwork(text: string): Ipv4Network | undefined {
  const parsed = parseInterfaceAddress(text)
  return parsed?.address === parsed?.network.first ? parsed?.network : undefined
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.')
}

export function networkText({ first, prefix }: Ipv4Network): string {
  return `${addressText(first)}/${prefix}`
}

export function contains(network: Ipv4Network, address: number): boolean {
  return address >= network.first && address < network.first + sizeOf(network.prefix)
}

/** The first addresses of the network that a machine can have and none of these has. */
export function freeAddresses(
  { first, prefix }: Ipv4Network,
  taken: readonly number[],
  count: number,
): number[] {
  const found: number[] = []
  for (let address = first + 1; address < first + sizeOf(prefix) - 1; address += 1) {
    if (!taken.includes(address)) found.push(address)
    if (found.length === count) break
  }
  return found
}

function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix)
}
