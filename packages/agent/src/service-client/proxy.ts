import { BlockList, isIP } from 'node:net'

/** Variables as curl and wget know them; the lower case wins. */
type Environment = Readonly<Record<string, string | undefined>>

export interface ProxyChoice {
  /** Absent: the service is reached directly. */
  readonly proxy?: URL
  /** Sentences, each with its remedy. */
  readonly problems: readonly string[]
}

/**
 * The proxy that the environment names for an HTTPS endpoint: `https_proxy`, unless `no_proxy` has
 * the endpoint. A proxy without a scheme is one that speaks HTTP.
 */
export function proxyFor(endpoint: URL, env: Environment): ProxyChoice {
  const text = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? ''
  const exceptions = env['no_proxy'] ?? env['NO_PROXY'] ?? ''
  if (text === '' || isException(endpoint, exceptions)) return { problems: [] }
  const proxy = URL.parse(/^[a-z0-9]+:\/\//i.test(text) ? text : `http://${text}`)
  if (proxy !== null && /^https?:$/.test(proxy.protocol) && canDecode(proxy)) {
    return { proxy, problems: [] }
  }
  const example = 'http://PROXY:3128, or http://USER:PASSWORD@PROXY:3128'
  const special = 'special characters of a password as %XX'
  return {
    // Without its value: that may hold a password.
    problems: [`https_proxy is not the address of an HTTP proxy. Give ${example}, ${special}.`],
  }
}

/** A proxy as it may be shown: without user name and password. */
export function proxyName(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`
}

/** A stray `%` would be an error at each connection. */
function canDecode({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

function isException(endpoint: URL, exceptions: string): boolean {
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(endpoint, entry))
}

/** `*`, a name with all that is below it, an address, a network (CIDR); each may have a port. */
function matches(endpoint: URL, entry: string): boolean {
  if (entry === '*') return true
  const host = withoutBrackets(endpoint.hostname)
  const [, name = entry, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  if (port !== undefined && port !== (endpoint.port || '443')) return false
  const bare = withoutBrackets(name)
  if (isIP(host) !== 0) return bare === host || isInNetwork(host, bare)
  const suffix = bare.replace(/^\*?\./, '')
  return host === suffix || host.endsWith(`.${suffix}`)
}

function isInNetwork(address: string, network: string): boolean {
  const [, base = '', prefix] = /^(.+)\/(\d+)$/.exec(network) ?? []
  const family = isIP(base)
  if (family === 0 || family !== isIP(address)) return false
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(base, Number(prefix), type)
  return list.check(address, type)
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
