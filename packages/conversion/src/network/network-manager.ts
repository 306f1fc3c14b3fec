import { createHash } from 'node:crypto'
import type { GuestFiles } from '@landfall/guest'
import type { InterfaceSettings } from '@landfall/model'
import type { TargetInterface } from './adapt-network.ts'

const FOLDER = '/etc/NetworkManager/system-connections'
const OWN_FILE = '/etc/NetworkManager/NetworkManager.conf'

/** NetworkManager: of the profiles that fit an interface the one of highest priority is taken. */
export async function adaptNetworkManager(
  files: GuestFiles,
  target: TargetInterface,
): Promise<boolean> {
  const hasProfiles = (await files.list(FOLDER)).length > 0
  // Without any it asks for addresses by DHCP.
  const needsOne = target.settings !== undefined && (await files.read(OWN_FILE)) !== undefined
  if (!hasProfiles && !needsOne) return false
  const digest = createHash('sha256').update(`landfall:${target.mac}`).digest('hex')
  const uuid = digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const lines = [
    '[connection]',
    'id=landfall',
    `uuid=${uuid}`,
    'type=ethernet',
    `interface-name=${target.name}`,
    'autoconnect-priority=999',
    '',
    '[ipv4]',
    ...addressing(target.settings),
    '',
    '[ipv6]',
    'method=auto',
    '',
  ]
  // NetworkManager ignores profiles that others may read.
  await files.write(`${FOLDER}/landfall.nmconnection`, lines.join('\n'), 0o600)
  return true
}

function addressing(settings: InterfaceSettings | undefined): string[] {
  if (settings === undefined) return ['method=auto']
  const { addresses, gateway, routes, nameServers, searchDomains } = settings
  return [
    'method=manual',
    ...addresses.map((one, index) => `address${index + 1}=${one}`),
    ...(gateway === undefined ? [] : [`gateway=${gateway}`]),
    ...routes.map((one, index) => `route${index + 1}=${one.destination},${one.gateway}`),
    ...(nameServers.length > 0 ? [`dns=${nameServers.join(';')};`] : []),
    ...(searchDomains.length > 0 ? [`dns-search=${searchDomains.join(';')};`] : []),
  ]
}
