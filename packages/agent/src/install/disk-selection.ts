import { DISK_BYTES_MIN, DISKS_PER_SERVER_MAX } from '@landfall/model'
import {
  findDisks,
  findRootDisks,
  probeDirectRead,
  resolveDisk,
  type Disk,
  type DiskSources,
} from './disks.ts'

export interface DiskWish {
  /** What `--devices` or the prompt named; empty: all disks. */
  readonly paths: readonly string[]
  /** `--force-volumes`: no detection, exactly the devices named, of any kind. */
  readonly force: boolean
}

export interface DiskSelection {
  readonly disks: readonly Disk[]
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
  for (const disk of disks) problems.push(...(await diskProblems(disk, probe)))
  return { disks, problems }
}

async function addRootDisks(
  sources: DiskSources,
  all: readonly Disk[],
  chosen: Map<string, Disk>,
): Promise<void> {
  const roots = new Set(await findRootDisks(sources))
  for (const disk of all) {
    const name = disk.deviceName.slice(sources.dev.length + 1).replaceAll('/', '!')
    if (disk.isBootDisk || roots.has(name)) chosen.set(disk.deviceName, disk)
  }
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
