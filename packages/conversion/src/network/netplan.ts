import { setAside } from '../originals.ts'
import type { GuestFiles } from '@landfall/guest'
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
    '      dhcp4: true',
    '',
  ]
  await files.write(`${FOLDER}/90-landfall.yaml`, lines.join('\n'), 0o600)
  return true
}
