import { LandfallError } from '@landfall/model'
import { inAppliance } from './device-names.ts'
import type { Guestfish } from './guestfish.ts'

export interface SystemDisks {
  /** The source's names of the disks, in their order. */
  readonly deviceNames: readonly string[]
  /** What opens encrypted devices: all are tried at each. */
  readonly passphrases: readonly string[]
}

/** File systems of these types are not on the disks. */
const ELSEWHERE = /^(?:nfs4?|cifs|smb3?|ceph|glusterfs|tmpfs|proc|sysfs|devpts|overlay|swap|none)$/

/**
 * Opens what is encrypted, finds the system that is on the disks, and mounts it as its /etc/fstab
 * says. A data disk that cannot be mounted does not stop the rest.
 */
export async function mountSystem(fish: Guestfish, disks: SystemDisks): Promise<void> {
  const locked = await unlock(fish, disks.passphrases)
  const [root] = await fish.lines('inspect-os')
  if (root === undefined) throw noSystem(locked, disks.deviceNames)
  await fish.command('mount', root, '/')
  for (const entry of await readEntries(fish)) {
    const device = await resolve(fish, entry.device, disks.deviceNames)
    if (device === undefined) continue
    // What is only a name here (`nofail`, `x-systemd…`) mount leaves alone; `ro` would be in the way.
    const subvolume = /(?:^|,)(subvol(?:id)?=[^,]+)/.exec(entry.options)?.[1] ?? ''
    await fish.attempt('mount-options', subvolume, device, entry.folder)
  }
}

/** The encrypted devices that no passphrase opens, as the appliance names them. */
async function unlock(fish: Guestfish, passphrases: readonly string[]): Promise<string[]> {
  const encrypted = (await fish.lines('list-filesystems'))
    .map((line) => /^(.+): crypto_LUKS$/.exec(line)?.[1])
    .filter((device) => device !== undefined)
  const locked: string[] = []
  for (const [index, device] of encrypted.entries()) {
    const name = `landfall-${index}`
    let isOpen = false
    for (const passphrase of passphrases) {
      await fish.attemptWithKey(passphrase, 'cryptsetup-open', device, name)
      isOpen = (await fish.lines('list-dm-devices')).includes(`/dev/mapper/${name}`)
      if (isOpen) break
    }
    if (!isOpen) locked.push(device)
  }
  // Volume groups may be inside.
  if (locked.length < encrypted.length) await fish.command('lvm-scan', 'true')
  return locked
}

function noSystem(locked: readonly string[], deviceNames: readonly string[]): LandfallError {
  if (locked.length === 0) {
    const message =
      'No operating system was found on the disks of this point. Check that the boot disk is replicated.'
    return new LandfallError('unavailable', message)
  }
  const names = locked.map((device) => sourceName(device, deviceNames)).join(', ')
  return new LandfallError(
    'unavailable',
    `The system is encrypted (LUKS on ${names}), and none of the passphrases kept for this server ` +
      'opens it. Give one with "landfall disk-keys add"; the instance will ask for it at its console ' +
      'all the same.',
  )
}

function sourceName(device: string, deviceNames: readonly string[]): string {
  for (const name of deviceNames) {
    for (const separator of ['', 'p']) {
      const number = /\d*$/.exec(device)?.[0] ?? ''
      if (inAppliance(`${name}${separator}${number}`, deviceNames) === device) {
        return `${name}${separator}${number}`
      }
    }
  }
  return device
}

interface FstabEntry {
  readonly device: string
  readonly folder: string
  readonly options: string
}

/** The file systems of /etc/fstab besides the root, parents first. */
async function readEntries(fish: Guestfish): Promise<FstabEntry[]> {
  if ((await fish.command('is-file', '/etc/fstab')).trim() !== 'true') return []
  return (await fish.lines('cat', '/etc/fstab'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([device = '', folder = '', type = 'auto']) => {
      return !device.startsWith('#') && /^\/./.test(folder) && !ELSEWHERE.test(type)
    })
    .map(([device = '', folder = '', , options = '']) => ({ device, folder, options }))
    .toSorted((a, b) => a.folder.length - b.folder.length)
}

/** The appliance's device behind a name in /etc/fstab; undefined when there is none. */
async function resolve(
  fish: Guestfish,
  name: string,
  deviceNames: readonly string[],
): Promise<string | undefined> {
  const tag = /^(?:(UUID|LABEL)=|\/dev\/disk\/by-(uuid|label)\/)"?([^"]+)"?$/.exec(name)
  if (tag !== null) {
    const search =
      (tag[1] ?? tag[2] ?? '').toLowerCase() === 'uuid' ? 'findfs-uuid' : 'findfs-label'
    return (await fish.attempt(search, tag[3] ?? '')).trim() || undefined
  }
  if (/^\/dev\/(?:mapper|md)\//.test(name) || /^\/dev\/(?:md\d+|[^/]+\/[^/]+)$/.test(name))
    return name
  return inAppliance(name, deviceNames)
}
