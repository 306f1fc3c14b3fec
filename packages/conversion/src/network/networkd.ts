import type { GuestFiles } from '@landfall/guest'
import type { TargetInterface } from './adapt-network.ts'

const FOLDER = '/etc/systemd/network'

/** systemd-networkd: of its own files the first that matches an interface decides. */
export async function adaptNetworkd(files: GuestFiles, target: TargetInterface): Promise<boolean> {
  const names = await files.list(FOLDER)
  if (!names.some((name) => name.endsWith('.network'))) return false
  const text = `[Match]\nMACAddress=${target.mac}\n\n[Network]\nDHCP=yes\n`
  await files.write(`${FOLDER}/05-landfall.network`, text, 0o644)
  return true
}
