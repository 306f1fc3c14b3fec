import type { RememberingReader } from '../remembering-reader.ts'
import type { CrypttabEntry, FstabEntry, StorageFacts } from './guest-facts.ts'
import { isHardwareName, isHardwarePath } from './hardware-name.ts'
import { tableRows } from './settings.ts'
import { addressWithoutSecret, optionWithoutSecret } from './without-secrets.ts'

/** Names that come with what is on the disk. */
const STABLE_NAME = new RegExp(
  String.raw`^(?:(?:PART)?(?:UUID|LABEL)=|/dev/(?:disk/by-(?:(?:part)?(?:uuid|label)|id)|mapper|md)/|` +
    String.raw`/dev/md\d)`,
)

export const NETWORK_TYPES: ReadonlySet<string> = new Set([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'smbfs',
  'ceph',
  'glusterfs',
  'fuse.glusterfs',
  'fuse.sshfs',
  'fuse.s3fs',
  'ocfs2',
  'gfs2',
  'lustre',
  '9p',
  'afs',
  'beegfs',
])

export async function readFstab(reader: RememberingReader): Promise<FstabEntry[]> {
  return tableRows((await reader.read('/etc/fstab')) ?? '').flatMap((words) => {
    const [device, folder, type = 'auto', options = 'defaults'] = words
    if (device === undefined || folder === undefined) return []
    return [
      {
        device: addressWithoutSecret(device),
        folder,
        type,
        options: options.split(',').map(optionWithoutSecret),
        naming: naming(device, type),
      },
    ]
  })
}

function naming(device: string, type: string): FstabEntry['naming'] {
  if (NETWORK_TYPES.has(type)) return 'network'
  if (isHardwareName(device)) return 'hardware'
  if (isHardwarePath(device)) return 'path'
  // A path of two names under /dev is a volume of LVM: /dev/vg/root.
  return STABLE_NAME.test(device) || /^\/dev\/[^/]+\/[^/]+$/.test(device) ? 'stable' : 'other'
}

export async function readCrypttab(reader: RememberingReader): Promise<CrypttabEntry[]> {
  return tableRows((await reader.read('/etc/crypttab')) ?? '').flatMap((words) => {
    const [name, device, key = 'none', options = ''] = words
    if (name === undefined || device === undefined) return []
    return [{ name, device, key, options: options.split(',').filter(Boolean) }]
  })
}

export async function readStorage(reader: RememberingReader): Promise<StorageFacts> {
  return {
    hasMdadmConf:
      (await reader.exists('/etc/mdadm/mdadm.conf')) || (await reader.exists('/etc/mdadm.conf')),
    hasLvmDevicesFile: await reader.exists('/etc/lvm/devices/system.devices'),
    hasMultipathConf: await reader.exists('/etc/multipath.conf'),
  }
}
