import type { GuestFiles } from '@landfall/guest'
import type { InterfaceSettings } from '@landfall/model'
import { replaceFile } from '../originals.ts'
import type { TargetInterface } from './adapt-network.ts'

const MAIN_FILE = '/etc/network/interfaces'
const FOLDER = '/etc/network/interfaces.d'
const RESOLVER_FILE = '/etc/resolv.conf'

/** Settings of the source's own address; everything else of a stanza (hooks, MTU) stays. */
const ADDRESS_SETTINGS = new Set([
  'address',
  'netmask',
  'network',
  'broadcast',
  'gateway',
  'pointopoint',
  'hwaddress',
  'scope',
  'accept_ra',
  'autoconf',
  'dns-nameserver',
  'dns-nameservers',
  'dns-search',
])

/** Settings of the source's own card. */
const CARD_SETTINGS = new Set(['hwaddress'])

const STANZA_WORDS =
  /^(iface|auto|allow-\S+|mapping|source|source-directory|no-auto-down|no-scripts)$/

/** Debian's ifupdown. */
export async function adaptIfupdown(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  const included = (await files.list(FOLDER)).map((name) => `${FOLDER}/${name}`)
  let isConfigured = false
  for (const path of [MAIN_FILE, ...included]) {
    const text = await files.read(path)
    if (text === undefined) continue
    const isOwn = joinContinuations(text)
      .split('\n')
      .some((line) => stanzaFamily(line, target.name) !== undefined)
    isConfigured ||= isOwn
    const waiting = doNotWait(text, target.absent)
    const adapted = isOwn ? withSettings(waiting, target) : waiting
    if (adapted !== text) await replaceFile(files, path, adapted)
  }
  if (isConfigured && target.settings !== undefined) await setNameServers(files, target.settings)
  return isConfigured
}

/** The address family of a stanza that begins on this line for the interface. */
function stanzaFamily(line: string, name: string): string | undefined {
  const [word, interfaceName, family] = line.trim().split(/\s+/)
  return word === 'iface' && interfaceName === name ? (family ?? 'inet') : undefined
}

/**
 * The text with the interface's IPv4 stanzas on what is wanted, and its IPv6 stanzas on router
 * advertisements. A static stanza where addresses are wanted has them: it is how they came to be.
 */
function withSettings(text: string, { name, settings }: TargetInterface): string {
  const lines: string[] = []
  let dropped: ReadonlySet<string> = new Set()
  for (const line of joinContinuations(text).split('\n')) {
    const [word = '', , , method] = line.trim().split(/\s+/)
    const family = stanzaFamily(line, name)
    if (family === undefined) {
      if (STANZA_WORDS.test(word)) dropped = new Set()
      if (!dropped.has(word)) lines.push(line)
      continue
    }
    dropped = ADDRESS_SETTINGS
    if (family === 'inet6') {
      lines.push(`iface ${name} inet6 auto`)
    } else if (settings === undefined) {
      lines.push(`iface ${name} inet dhcp`)
    } else if (method === 'static') {
      dropped = CARD_SETTINGS
      lines.push(line)
    } else {
      lines.push(`iface ${name} inet static`, ...staticLines(settings))
    }
  }
  return lines.join('\n')
}

function staticLines(settings: InterfaceSettings): string[] {
  const { addresses, gateway, routes, nameServers, searchDomains } = settings
  const [first = '', ...more] = addresses
  return [
    `address ${first}`,
    ...(gateway === undefined ? [] : [`gateway ${gateway}`]),
    // Read by resolvconf, where it is installed.
    ...(nameServers.length > 0 ? [`dns-nameservers ${nameServers.join(' ')}`] : []),
    ...(searchDomains.length > 0 ? [`dns-search ${searchDomains.join(' ')}`] : []),
    // A hook of the source's own may have done it.
    ...more.map((one) => `up ip address replace ${one} dev $IFACE`),
    ...routes.map((one) => `up ip route replace ${one.destination} via ${one.gateway} dev $IFACE`),
  ].map((line) => `    ${line}`)
}

/** `auto` waits at boot, and fails it; the other comes up when there is such an interface. */
function doNotWait(text: string, absent: readonly string[]): string {
  if (absent.length === 0) return text
  return text
    .split('\n')
    .flatMap((line) => {
      const [word, ...names] = line.trim().split(/\s+/)
      const waited = names.filter((name) => absent.includes(name))
      if (word !== 'auto' || waited.length === 0) return [line]
      const others = names.filter((name) => !absent.includes(name))
      const hotplug = `allow-hotplug ${waited.join(' ')}`
      return others.length > 0 ? [`auto ${others.join(' ')}`, hotplug] : [hotplug]
    })
    .join('\n')
}

/**
 * What DHCP wrote may be of any day. Where the file is none, something else makes it: resolvconf,
 * which reads the stanza, or systemd-resolved.
 */
async function setNameServers(files: GuestFiles, settings: InterfaceSettings): Promise<void> {
  const text = await files.read(RESOLVER_FILE)
  const { nameServers, searchDomains } = settings
  if (text === undefined || nameServers.length === 0) return
  const words = /^\s*(nameserver|search|domain)\s/
  const kept = text.split('\n').filter((line) => line !== '' && !words.test(line))
  const own = [
    ...(searchDomains.length > 0 ? [`search ${searchDomains.join(' ')}`] : []),
    ...nameServers.map((one) => `nameserver ${one}`),
  ]
  const adapted = [...kept, ...own, ''].join('\n')
  if (adapted !== text) await replaceFile(files, RESOLVER_FILE, adapted)
}

/** A backslash at the end of a line continues it. */
function joinContinuations(text: string): string {
  return text.replaceAll(/\\\n\s*/g, '')
}
