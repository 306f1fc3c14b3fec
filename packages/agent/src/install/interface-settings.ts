import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InterfaceSettings } from '@landfall/model'

/** What the service takes; a server with more routes than this is a router. */
const ROUTES_MAX = 64
const NAME_SERVERS_MAX = 8
const SEARCH_DOMAINS_MAX = 32

const RESOLVER_FILE = 'etc/resolv.conf'
/** Where systemd-resolved says whom it asks: the other file says to ask systemd-resolved. */
const RESOLVED_FILE = 'run/systemd/resolve/resolv.conf'

/** The IPv4 settings in force on an interface, whoever made them. */
export async function interfaceSettings(options: {
  readonly name: string
  /** With prefix length. */
  readonly addresses: readonly string[]
  readonly root: string
}): Promise<InterfaceSettings> {
  const { name, addresses, root } = options
  const routes = routesOf(await readText(join(root, 'proc/net/route')), name)
  const isDefault = (route: Route) => route.destination === '0.0.0.0/0'
  const [main] = routes.filter(isDefault).toSorted((a, b) => a.metric - b.metric)
  return {
    addresses,
    ...(main && { gateway: main.gateway }),
    routes: routes
      .filter((route) => !isDefault(route))
      .map(({ destination, gateway }) => ({ destination, gateway }))
      .slice(0, ROUTES_MAX),
    ...(await resolver(root)),
  }
}

interface Route {
  readonly destination: string
  readonly gateway: string
  readonly metric: number
}

/** Routes by a gateway. Those to the interface's own networks come with its addresses. */
function routesOf(text: string, name: string): Route[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([interfaceName, , gateway]) => interfaceName === name && !/^0*$/.test(gateway ?? ''))
    .map(([, destination = '', gateway = '', , , , metric, mask = '']) => ({
      destination: `${addressOf(destination)}/${prefixOf(mask)}`,
      gateway: addressOf(gateway),
      metric: Number(metric),
    }))
}

/** The kernel prints the four bytes as a number of the machine: little-endian on all we support. */
function addressOf(hex: string): string {
  return (hex.match(/../g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')
}

function prefixOf(mask: string): number {
  return Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length
}

/** None where the resolver is a program on the machine whose own settings nobody knows. */
async function resolver(
  root: string,
): Promise<Pick<InterfaceSettings, 'nameServers' | 'searchDomains'>> {
  const own = parseResolver(await readText(join(root, RESOLVER_FILE)))
  if (own.nameServers.length > 0) return own
  const { nameServers } = parseResolver(await readText(join(root, RESOLVED_FILE)))
  return { ...own, nameServers }
}

function parseResolver(text: string): Pick<InterfaceSettings, 'nameServers' | 'searchDomains'> {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  // The last of them counts.
  const search = lines.findLast(([word]) => word === 'search' || word === 'domain') ?? []
  const outer = lines
    .filter(([word, address = '']) => word === 'nameserver' && /^[\d.]+$/.test(address))
    .map(([, address = '']) => address)
    .filter((address) => !address.startsWith('127.'))
  return {
    nameServers: outer.slice(0, NAME_SERVERS_MAX),
    searchDomains: search.slice(1, 1 + SEARCH_DOMAINS_MAX),
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
