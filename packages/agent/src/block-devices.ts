import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Where the kernel describes its block devices; another folder in tests. */
export interface DiskSources {
  /** `/sys` */
  readonly sys: string
  /** `/dev` */
  readonly dev: string
  /** `/proc/self/mountinfo` */
  readonly mountinfo: string
}

export const KERNEL_DISK_SOURCES: DiskSources = {
  sys: '/sys',
  dev: '/dev',
  mountinfo: '/proc/self/mountinfo',
}

/** One attribute of a block device; undefined when the kernel does not give it. */
export async function attribute(
  sources: Pick<DiskSources, 'sys'>,
  name: string,
  file: string,
): Promise<string | undefined> {
  try {
    return (await readFile(join(sources.sys, 'class/block', name, file), 'utf8')).trim()
  } catch {
    return undefined // Older kernels lack some attributes; devices come and go.
  }
}

/** Names of the devices a device lies on (`slaves`), or that lie on it (`holders`). */
export async function related(
  sources: Pick<DiskSources, 'sys'>,
  name: string,
  direction: 'slaves' | 'holders',
): Promise<string[]> {
  try {
    return await readdir(join(sources.sys, 'class/block', name, direction))
  } catch {
    return [] // Not a stacked device.
  }
}

/** Kernel names have `!` where the path under /dev has a folder: `cciss!c0d0`. */
export function kernelName(sources: DiskSources, path: string): string {
  const prefix = `${sources.dev}/`
  return path.startsWith(prefix) ? path.slice(prefix.length).replaceAll('/', '!') : basename(path)
}

/** Path of a device under /dev. A multipath device goes by the name its administrator knows. */
export async function devicePath(sources: DiskSources, name: string): Promise<string> {
  const mapped = (await isMultipath(sources, name))
    ? await attribute(sources, name, 'dm/name')
    : undefined
  if (mapped !== undefined) return join(sources.dev, 'mapper', mapped)
  return join(sources.dev, name.replaceAll('!', '/'))
}

/**
 * Name of the disk a device is, is a partition of, or is a path to; undefined when there is no such
 * device.
 */
export async function wholeDisk(sources: DiskSources, name: string): Promise<string | undefined> {
  try {
    const folder = await realpath(join(sources.sys, 'class/block', name))
    const isPartition = (await attribute(sources, name, 'partition')) !== undefined
    const whole = basename(isPartition ? dirname(folder) : folder)
    return (await multipathOver(sources, whole)) ?? whole
  } catch {
    return undefined // No such device.
  }
}

/** A device's number as the kernel's events give it, `major << 20 | minor`. */
export async function deviceNumber(
  sources: Pick<DiskSources, 'sys'>,
  name: string,
): Promise<number | undefined> {
  const text = await attribute(sources, name, 'dev')
  if (text === undefined) return undefined
  const [major = 0, minor = 0] = text.split(':').map(Number)
  return major * 2 ** 20 + minor
}

/** Whether the device gathers several ways to one disk. */
export async function isMultipath(
  sources: Pick<DiskSources, 'sys'>,
  name: string,
): Promise<boolean> {
  return (await attribute(sources, name, 'dm/uuid'))?.startsWith('mpath-') === true
}

/** The multipath device that a disk is one path of. */
export async function multipathOver(
  sources: DiskSources,
  name: string,
): Promise<string | undefined> {
  for (const holder of await related(sources, name, 'holders')) {
    if (await isMultipath(sources, holder)) return holder
  }
  return undefined
}
