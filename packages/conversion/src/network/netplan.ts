import type { GuestFiles } from '@landfall/guest'
import type { InterfaceSettings } from '@landfall/model'
import { setAside } from '../originals.ts'
import type { TargetInterface } from './adapt-network.ts'

const FOLDER = '/etc/netplan'

/**
 * Ubuntu's netplan merges all its files, so a setting can only be undone by taking its file away.
 * The network manager that was chosen stays.
 */
export async function adaptNetplan(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  const names = (await files.list(FOLDER)).filter((name) => name.endsWith('.yaml'))
  if (names.length === 0) return false
  let renderer = 'networkd'
  for (const name of names) {
    const path = `${FOLDER}/${name}`
    const text = (await files.read(path)) ?? ''
    if (/^\s*renderer:\s*["']?NetworkManager\b/m.test(text)) renderer = 'NetworkManager'
    await setAside(files, path)
  }
  const lines = [
    'network:',
    '  version: 2',
    `  renderer: ${renderer}`,
    '  ethernets:',
    `    "${target.name}":`,
    '      match:',
    `        macaddress: "${target.mac}"`,
    `      set-name: "${target.name}"`,
    ...addressing(target.settings).map((line) => `      ${line}`),
    '',
  ]
  await files.write(`${FOLDER}/90-landfall.yaml`, lines.join('\n'), 0o600)
  return true
}

function addressing(settings: InterfaceSettings | undefined): string[] {
  if (settings === undefined) return ['dhcp4: true']
  const { addresses, gateway, routes, nameServers, searchDomains } = settings
  // `to: default` came with Ubuntu 22.04.
  const main = gateway === undefined ? [] : [{ destination: '0.0.0.0/0', gateway }]
  const all = [...main, ...routes]
  return [
    'dhcp4: false',
    'addresses:',
    ...addresses.map((one) => `- "${one}"`),
    ...(all.length > 0 ? ['routes:'] : []),
    ...all.flatMap((one) => [`- to: "${one.destination}"`, `  via: "${one.gateway}"`]),
    ...(nameServers.length + searchDomains.length > 0 ? ['nameservers:'] : []),
    ...(nameServers.length > 0 ? [`  addresses: ${list(nameServers)}`] : []),
    ...(searchDomains.length > 0 ? [`  search: ${list(searchDomains)}`] : []),
  ]
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => `"${value}"`).join(', ')}]`
}
