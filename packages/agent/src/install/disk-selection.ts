import { DISK_BYTES_MIN, DISKS_PER_SERVER_MAX } from '@landfall/model'
import { findDisks, findRootDisks, probeDirectRead, resolveDisk, type Disk } from './disks.ts'
import { listLeftOut, type LeftOut } from './left-out.ts'
import { attribute, devicePath, kernelName, type DiskSources } from '../block-devices.ts'

export interface DiskWish {
  /** What `--devices` or the prompt named; empty: all disks. */
  readonly paths: readonly string[]
  /** `--force-volumes`: no detection, exactly the devices named, of any kind. */
  readonly force: boolean
}

export interface DiskSelection {
  readonly disks: readonly Disk[]
  /** Every other device with content. */
  readonly leftOut: readonly LeftOut[]
  /** Sentences, each with its remedy; empty when the selection can be replicated. */
  readonly problems: readonly string[]
}

/**
 * The disks to replicate: whole ones, each once, the root disk always among them unless the
 * operator forced an exact list. All problems are found, not only the first.
 */
export async function selectDisks(
  sources: DiskSources,
  wish: DiskWish,
  probe: (deviceName: string) => Promise<string | undefined> = probeDirectRead,
): Promise<DiskSelection> {
  const problems: string[] = []
  const chosen = new Map<string, Disk>()
  const all = await findDisks(sources)
  if (wish.paths.length === 0) for (const disk of all) chosen.set(disk.deviceName, disk)
  for (const path of wish.paths) {
    const found = await resolveDisk(sources, path, { force: wish.force })
    if ('problem' in found) problems.push(found.problem)
    else chosen.set(found.deviceName, found)
  }
  if (!wish.force) await addRootDisks(sources, all, chosen)
  const disks = [...chosen.values()]
  if (disks.length === 0 && problems.length === 0) {
    problems.push('No disk was found. Name the disks with --devices and --force-volumes.')
  }
  if (disks.length > DISKS_PER_SERVER_MAX) {
    problems.push(
      `${disks.length} disks are more than the ${DISKS_PER_SERVER_MAX} one server may have. Name fewer with --devices.`,
    )
  }
  for (const disk of disks) {
    problems.push(...(await diskProblems(disk, probe)), ...(await untraceable(sources, disk)))
  }
  const leftOut = await listLeftOut(sources, new Set(chosen.keys()))
  return { disks, leftOut, problems }
}

async function addRootDisks(
  sources: DiskSources,
  all: readonly Disk[],
  chosen: Map<string, Disk>,
): Promise<void> {
  const roots = new Set<string>()
  for (const name of await findRootDisks(sources)) roots.add(await devicePath(sources, name))
  for (const disk of all) {
    if (disk.isBootDisk || roots.has(disk.deviceName)) chosen.set(disk.deviceName, disk)
  }
}

/**
 * The head of an NVMe disk with several controllers passes its requests on: no event of the kernel
 * names its completed writes. Such a device has no scheduler to choose: "none", not "[none] …".
 */
async function untraceable(sources: DiskSources, disk: Disk): Promise<string[]> {
  const name = kernelName(sources, disk.deviceName)
  if (!/^nvme\d/.test(name)) return []
  if ((await attribute(sources, name, 'queue/scheduler')) !== 'none') return []
  return [
    `${disk.deviceName} is reached by NVMe multipath, and its writes cannot be followed. Boot with nvme_core.multipath=N, or leave it out with --devices.`,
  ]
}

async function diskProblems(
  disk: Disk,
  probe: (deviceName: string) => Promise<string | undefined>,
): Promise<string[]> {
  if (disk.bytes < DISK_BYTES_MIN) {
    return [
      `${disk.deviceName} has ${disk.bytes} bytes, less than the 1 MiB a disk needs. Leave it out with --devices.`,
    ]
  }
  const cause = await probe(disk.deviceName)
  return cause === undefined
    ? []
    : [
        `${disk.deviceName} cannot be read directly (O_DIRECT): ${cause}. Check the disk and the kernel log, or leave it out with --devices.`,
      ]
}

/** `--devices` and the prompt: a list separated by commas. */
export function splitDevices(text: string): string[] {
  return text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
}
