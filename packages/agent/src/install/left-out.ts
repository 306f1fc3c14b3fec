import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  attribute,
  devicePath,
  isMultipath,
  multipathOver,
  related,
  wholeDisk,
  type DiskSources,
} from '../block-devices.ts'

/** Devices that are no disks of their own, for one reason. */
export interface LeftOut {
  readonly deviceNames: readonly string[]
  readonly why: string
}

/** Kinds that are told by their name alone. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^loop\d/, 'a file that is replicated with the disk it lies on'],
  [/^z?ram\d/, 'memory'],
  [/^(sr|fd)\d/, 'an optical or floppy drive'],
  [/^nbd\d/, "a network block device: another machine's disk"],
  [/^zd\d/, 'a ZFS volume, replicated as the disks of its pool'],
  [/^mmcblk\d+(boot\d|rpmb)/, 'a boot area of an eMMC chip'],
]

/** Device mapper targets are told by who made them. */
const MAPPED: Readonly<Record<string, string>> = {
  LVM: 'an LVM volume',
  CRYPT: 'an encrypted volume (LUKS), replicated in its encrypted form',
}

/** Why the whole device is not replicated by itself; undefined when it is a disk of its own. */
export async function leftOutBecause(
  sources: DiskSources,
  name: string,
): Promise<string | undefined> {
  const kind = KINDS.find(([pattern]) => pattern.test(name))
  if (kind !== undefined) return kind[1]
  if ((await attribute(sources, name, 'hidden')) === '1') return 'a path of an NVMe disk'
  const multipath = await multipathOver(sources, name)
  if (multipath !== undefined) return `a path of ${await devicePath(sources, multipath)}`
  if (await isMultipath(sources, name)) return undefined
  const stacked = await stackedKind(sources, name)
  if (stacked === undefined) return undefined
  const under = await disksUnder(sources, name)
  const paths = await Promise.all(under.map((disk) => devicePath(sources, disk)))
  return paths.length === 0 ? stacked : `${stacked}, on ${paths.join(', ')}`
}

async function stackedKind(sources: DiskSources, name: string): Promise<string | undefined> {
  const maker = (await attribute(sources, name, 'dm/uuid'))?.split('-')[0] ?? ''
  if (maker in MAPPED) return MAPPED[maker]
  if (name.startsWith('dm-')) return 'a device mapper volume'
  if (/^md\d|^md_/.test(name)) return 'a RAID array (md)'
  if (/^(bcache|drbd)\d/.test(name)) return 'a volume made of other devices'
  return undefined
}

/** Whether a medium can be taken out; such a disk is replicated only when it is named. */
export async function isRemovable(sources: DiskSources, name: string): Promise<boolean> {
  return (await attribute(sources, name, 'removable')) === '1'
}

/** Everything the kernel has as a whole device with content that `chosen` has not, with reasons. */
export async function listLeftOut(
  sources: DiskSources,
  chosen: ReadonlySet<string>,
): Promise<LeftOut[]> {
  const byReason = new Map<string, string[]>()
  const names = await readdir(join(sources.sys, 'block'))
  for (const name of names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    const path = await devicePath(sources, name)
    if (chosen.has(path) || ['0', undefined].includes(await attribute(sources, name, 'size'))) {
      continue
    }
    const why = (await leftOutBecause(sources, name)) ?? (await notChosen(sources, name))
    byReason.set(why, [...(byReason.get(why) ?? []), path])
  }
  return [...byReason].map(([why, deviceNames]) => ({ why, deviceNames }))
}

async function notChosen(sources: DiskSources, name: string): Promise<string> {
  return (await isRemovable(sources, name))
    ? 'removable; name it with --devices to have it replicated'
    : 'not chosen'
}

/** Whole disks at the bottom of a stack of devices; a multipath device is one. */
export async function disksUnder(sources: DiskSources, name: string): Promise<string[]> {
  if (await isMultipath(sources, name)) return [name]
  const found: string[] = []
  for (const below of await related(sources, name, 'slaves')) {
    const deeper = await disksUnder(sources, below)
    const whole = await wholeDisk(sources, below)
    if (deeper.length > 0) found.push(...deeper)
    else if (whole !== undefined) found.push(whole)
  }
  return [...new Set(found)]
}
