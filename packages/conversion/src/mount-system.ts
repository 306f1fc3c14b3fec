import { LandfallError } from '@landfall/model'
import { inAppliance } from './device-names.ts'
import type { Fish } from './guestfish.ts'
import { resolveDevice } from './resolve-device.ts'
import { reopen, unlock, type OpenedDevices } from './unlock.ts'

export interface SystemDisks {
  /** The source's names of the disks, in their order. */
  readonly deviceNames: readonly string[]
  /** What opens encrypted devices: all are tried at each. */
  readonly passphrases: readonly string[]
}

/** What device-mapper takes, and nothing that means something to guestfish. */
const MAPPER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/

/** File systems of these types are not on the disks. */
const ELSEWHERE = /^(?:nfs4?|cifs|smb3?|ceph|glusterfs|tmpfs|proc|sysfs|devpts|overlay|swap|none)$/

/**
 * Opens what is encrypted, finds the system that is on the disks, and mounts it as its /etc/fstab
 * says. A data disk that cannot be mounted does not stop the rest.
 */
export async function mountSystem(fish: Fish, disks: SystemDisks): Promise<void> {
  const { opened, locked } = await unlock(fish, disks.passphrases)
  const [found] = await fish.lines('inspect-os')
  if (found === undefined) throw noSystem(locked, disks.deviceNames)
  await fish.command('mount', found, '/')
  const names = await namesInCrypttab(fish, opened, disks.deviceNames)
  if (names.size > 0) {
    await fish.command('umount-all')
    await reopen(fish, opened, names)
    await fish.command('mount', renamed(found, opened, names), '/')
  }
  for (const entry of await readEntries(fish)) {
    const device = await resolveDevice(fish, entry.device, disks.deviceNames)
    if (device === undefined) continue
    // Only what says which part of the device it is: `ro`, for one, would be in the way.
    const subvolume = /(?:^|,)(subvol(?:id)?=[^,]+)/.exec(entry.options)?.[1] ?? ''
    await fish.attempt('mount-options', subvolume, device, entry.folder)
  }
}

/** Of the devices that were opened, those that /etc/crypttab has another name for. */
async function namesInCrypttab(
  fish: Fish,
  opened: OpenedDevices['opened'],
  deviceNames: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (const [name = '', device = ''] of await rowsOf(fish, '/etc/crypttab')) {
    const there = await resolveDevice(fish, device, deviceNames)
    if (there !== undefined && opened.has(there) && MAPPER_NAME.test(name)) names.set(there, name)
  }
  return names
}

/** The root under its new name, where it lies right on what was opened again. */
function renamed(
  root: string,
  opened: OpenedDevices['opened'],
  names: ReadonlyMap<string, string>,
): string {
  for (const [device, name] of names) {
    const before = `/dev/mapper/${opened.get(device)?.name}`
    if (root === before) return `/dev/mapper/${name}`
    // Of a Btrfs subvolume: `btrfsvol:/dev/mapper/landfall-0/@rootfs`.
    if (root.startsWith(`btrfsvol:${before}/`)) return root.replace(before, `/dev/mapper/${name}`)
  }
  return root
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
async function readEntries(fish: Fish): Promise<FstabEntry[]> {
  return (await rowsOf(fish, '/etc/fstab'))
    .filter(([, folder = '', type = 'auto']) => /^\/./.test(folder) && !ELSEWHERE.test(type))
    .map(([device = '', folder = '', , options = '']) => ({ device, folder, options }))
    .toSorted((a, b) => a.folder.length - b.folder.length)
}

/** The words of each line of a table that is not a comment; none where there is no such file. */
async function rowsOf(fish: Fish, path: string): Promise<string[][]> {
  if ((await fish.command('is-file', path)).trim() !== 'true') return []
  return (await fish.lines('cat', path))
    .map((line) => line.trim().split(/\s+/))
    .filter(([first = '']) => first !== '' && !first.startsWith('#'))
}
