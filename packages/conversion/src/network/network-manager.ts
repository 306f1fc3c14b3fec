import { createHash } from 'node:crypto'
import type { GuestFiles } from '@landfall/guest'
import type { TargetInterface } from './adapt-network.ts'

const FOLDER = '/etc/NetworkManager/system-connections'

/** NetworkManager: of the profiles that fit an interface the one of highest priority is taken. */
export async function adaptNetworkManager(
  files: GuestFiles,
  target: TargetInterface,
): Promise<boolean> {
  if ((await files.list(FOLDER)).length === 0) return false
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
    'method=auto',
    '',
    '[ipv6]',
    'method=auto',
    '',
  ]
  // NetworkManager ignores profiles that others may read.
  await files.write(`${FOLDER}/landfall.nmconnection`, lines.join('\n'), 0o600)
  return true
}
