import { constants } from 'node:fs'
import { open, readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { alignedBuffer } from '@landfall/block'
import { disksUnder, isRemovable, leftOutBecause } from './left-out.ts'
import { attribute, devicePath, kernelName, wholeDisk, type DiskSources } from '../block-devices.ts'

export interface Disk {
  /** Path of the whole disk, e.g. `/dev/sda`. */
  readonly deviceName: string
  readonly bytes: number
  readonly isBootDisk: boolean
}

const SECTOR_BYTES = 512

/** A multiple of every logical block size there is. */
const PROBE_BYTES = 4096

/**
 * The whole disks of this machine, the boot disk first, then by name: each once, whatever number of
 * paths leads to it, and none whose medium is removable unless the system is on it.
 */
export async function findDisks(sources: DiskSources): Promise<Disk[]> {
  const boot = await findBootDisks(sources)
  const needed = new Set([...boot, ...(await findRootDisks(sources))])
  const disks: Disk[] = []
  for (const name of await readdir(join(sources.sys, 'block'))) {
    if ((await leftOutBecause(sources, name)) !== undefined) continue
    if ((await isRemovable(sources, name)) && !needed.has(name)) continue
    const disk = await describeDisk(sources, name, boot[0])
    if (disk.bytes > 0) disks.push(disk)
  }
  const rank = (disk: Disk) => (disk.isBootDisk ? 0 : 1)
  return disks.toSorted(
    (a, b) =>
      rank(a) - rank(b) || a.deviceName.localeCompare(b.deviceName, 'en', { numeric: true }),
  )
}

/** Why a path given for a disk cannot be one, with the remedy. */
export interface DiskProblem {
  readonly path: string
  readonly problem: string
}

/**
 * The whole disk a path stands for: links are followed, a partition stands for its disk. Devices
 * that are no disks of their own are taken only when `force` is set.
 */
export async function resolveDisk(
  sources: DiskSources,
  path: string,
  options: { force: boolean },
): Promise<Disk | DiskProblem> {
  let name: string
  try {
    name = kernelName(sources, await realpath(path))
  } catch {
    return { path, problem: `${path} does not exist. Give existing paths, as lsblk lists them.` }
  }
  const whole = await wholeDisk(sources, name)
  if (whole === undefined) {
    return {
      path,
      problem: `${path} is not a block device. Give whole disks, as lsblk lists them.`,
    }
  }
  if (!options.force && (await leftOutBecause(sources, whole)) !== undefined) {
    // A partition of a multipath device is a device mapper volume; it selects its disk, too.
    const [under, ...more] = await disksUnder(sources, whole)
    if (under === undefined || more.length > 0 || !(await isPartOf(sources, whole))) {
      return { path, problem: await notADisk(sources, path, whole) }
    }
    return describeDisk(sources, under, (await findBootDisks(sources))[0])
  }
  return describeDisk(sources, whole, (await findBootDisks(sources))[0])
}

/**
 * Names of the whole disks that hold `/boot`, or else `/`: several when it is a RAID or a volume.
 */
export async function findBootDisks(sources: DiskSources): Promise<string[]> {
  const mounts = await readMounts(sources)
  const found = mounts.get('/boot') ?? mounts.get('/')
  return found === undefined ? [] : underlyingDisks(sources, found)
}

/** Names of the whole disks that hold `/`. */
export async function findRootDisks(sources: DiskSources): Promise<string[]> {
  const root = (await readMounts(sources)).get('/')
  return root === undefined ? [] : underlyingDisks(sources, root)
}

/**
 * Reads the beginning of the disk past the page cache, as replication does. Returns the cause when
 * it cannot be read, undefined when it can.
 */
export async function probeDirectRead(deviceName: string): Promise<string | undefined> {
  try {
    const file = await open(deviceName, constants.O_RDONLY | constants.O_DIRECT)
    try {
      const { bytesRead } = await file.read(alignedBuffer(PROBE_BYTES), 0, PROBE_BYTES, 0)
      return bytesRead === PROBE_BYTES ? undefined : `only ${bytesRead} bytes came back`
    } finally {
      await file.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** kpartx names the partitions of mapped devices so. */
async function isPartOf(sources: DiskSources, name: string): Promise<boolean> {
  return /^part\d+-mpath-/.test((await attribute(sources, name, 'dm/uuid')) ?? '')
}

async function describeDisk(sources: DiskSources, name: string, boot?: string): Promise<Disk> {
  return {
    deviceName: await devicePath(sources, name),
    bytes: Number((await attribute(sources, name, 'size')) ?? 0) * SECTOR_BYTES,
    isBootDisk: name === boot,
  }
}

async function notADisk(sources: DiskSources, path: string, name: string): Promise<string> {
  const under = await disksUnder(sources, name)
  const paths = await Promise.all(under.map((disk) => devicePath(sources, disk)))
  const remedy =
    paths.length > 0
      ? `Name what is under it: ${paths.join(', ')}.`
      : 'Leave it out, or take it as it is with --force-volumes.'
  return `${path} is not a disk of its own (${name}). ${remedy}`
}

/** What is mounted where: device number, and the path that was mounted. */
interface Mount {
  readonly deviceNumber: string
  readonly source: string
}

async function readMounts(sources: DiskSources): Promise<Map<string, Mount>> {
  const mounts = new Map<string, Mount>()
  for (const line of (await readFile(sources.mountinfo, 'utf8')).split('\n')) {
    const fields = line.split(' ')
    const [deviceNumber, mountPoint] = [fields[2], fields[4]]
    const source = fields[fields.indexOf('-') + 2]
    if (deviceNumber === undefined || mountPoint === undefined || source === undefined) continue
    mounts.set(mountPoint, { deviceNumber, source })
  }
  return mounts
}

async function underlyingDisks(sources: DiskSources, mount: Mount): Promise<string[]> {
  const name = await mountedDevice(sources, mount)
  if (name === undefined) return []
  const under = await disksUnder(sources, name)
  if (under.length > 0) return under
  const whole = await wholeDisk(sources, name)
  return whole === undefined ? [] : [whole]
}

/** btrfs mounts have a device number of their own (0:…): then the source's path tells. */
async function mountedDevice(sources: DiskSources, mount: Mount): Promise<string | undefined> {
  try {
    if (!mount.deviceNumber.startsWith('0:')) {
      return basename(await readlink(join(sources.sys, 'dev/block', mount.deviceNumber)))
    }
    return kernelName(sources, await realpath(mount.source))
  } catch {
    return undefined // Not on a block device: a network root, or a container.
  }
}
