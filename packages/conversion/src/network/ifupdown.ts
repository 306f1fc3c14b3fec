import { replaceFile } from '../originals.ts'
import type { GuestFiles } from '@landfall/guest'
import type { TargetInterface } from './adapt-network.ts'

const MAIN_FILE = '/etc/network/interfaces'
const FOLDER = '/etc/network/interfaces.d'

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
])

const STANZA_WORDS =
  /^(iface|auto|allow-\S+|mapping|source|source-directory|no-auto-down|no-scripts)$/

/** Debian's ifupdown. */
export async function adaptIfupdown(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  const included = (await files.list(FOLDER)).map((name) => `${FOLDER}/${name}`)
  let isConfigured = false
  for (const path of [MAIN_FILE, ...included]) {
    const text = await files.read(path)
    if (text === undefined || !hasStanza(text, target.name)) continue
    isConfigured = true
    const adapted = useDhcp(text, target.name)
    if (adapted !== text) await replaceFile(files, path, adapted)
  }
  return isConfigured
}

function hasStanza(text: string, name: string): boolean {
  return text.split('\n').some((line) => isStanzaOf(line, name))
}

function isStanzaOf(line: string, name: string): boolean {
  const [word, interfaceName] = line.trim().split(/\s+/)
  return word === 'iface' && interfaceName === name
}

/**
 * The text with the interface's IPv4 stanza on DHCP and its IPv6 stanza on router advertisements.
 */
export function useDhcp(text: string, name: string): string {
  const lines: string[] = []
  let isInside = false
  for (const line of joinContinuations(text).split('\n')) {
    const word = line.trim().split(/\s+/)[0] ?? ''
    if (isStanzaOf(line, name)) {
      isInside = true
      const family = line.trim().split(/\s+/)[2]
      lines.push(`iface ${name} ${family === 'inet6' ? 'inet6 auto' : 'inet dhcp'}`)
      continue
    }
    if (STANZA_WORDS.test(word)) isInside = false
    if (!isInside || !ADDRESS_SETTINGS.has(word)) lines.push(line)
  }
  return lines.join('\n')
}

/** A backslash at the end of a line continues it. */
function joinContinuations(text: string): string {
  return text.replaceAll(/\\\n\s*/g, '')
}
