import type { GuestFiles } from '@landfall/guest'
import type { InterfaceSettings } from '@landfall/model'
import type { TargetInterface } from './adapt-network.ts'

const FOLDER = '/etc/systemd/network'

/** systemd-networkd: of its own files the first that matches an interface decides. */
export async function adaptNetworkd(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  const names = await files.list(FOLDER)
  if (!names.some((name) => name.endsWith('.network'))) return false
  const lines = [`[Match]\nMACAddress=${target.mac}\n`, ...addressing(target.settings), '']
  await files.write(`${FOLDER}/05-landfall.network`, lines.join('\n'), 0o644)
  return true
}

function addressing(settings: InterfaceSettings | undefined): string[] {
  if (settings === undefined) return ['[Network]', 'DHCP=yes']
  const { addresses, gateway, routes, nameServers, searchDomains } = settings
  return [
    '[Network]',
    ...addresses.map((one) => `Address=${one}`),
    ...(gateway === undefined ? [] : [`Gateway=${gateway}`]),
    ...nameServers.map((one) => `DNS=${one}`),
    ...(searchDomains.length > 0 ? [`Domains=${searchDomains.join(' ')}`] : []),
    ...routes.map((one) => `\n[Route]\nDestination=${one.destination}\nGateway=${one.gateway}`),
  ]
}
