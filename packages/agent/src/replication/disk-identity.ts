import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { LandfallError } from '@landfall/model'

/**
 * Where the kernel keeps what a disk says it is: SCSI and SATA, NVMe, virtio. Its name tells less:
 * disks are probed side by side, and who is `sda` may change with every boot.
 */
const IDENTITY_FILES = ['device/wwid', 'wwid', 'serial']

/** What each device, by its path, says it is. */
export type DiskIdentities = Readonly<Record<string, string>>

/**
 * Of every disk there is now that says what it is, and says so alone: paths to one disk, and
 * serial numbers that a maker gave twice, tell nothing apart.
 */
export async function diskIdentities(sys = '/sys', dev = '/dev'): Promise<DiskIdentities> {
  const found = new Map<string, string[]>()
  for (const name of await readdir(path.join(sys, 'block'))) {
    const identity = await identityOf(path.join(sys, 'block', name))
    if (identity === undefined) continue
    const devicePath = path.join(dev, name.replaceAll('!', '/'))
    found.set(identity, [...(found.get(identity) ?? []), devicePath])
  }
  const alone = [...found].flatMap(([identity, [device = '', ...others]]) =>
    others.length === 0 ? [[device, identity]] : [],
  )
  return Object.fromEntries(alone) as DiskIdentities
}

/**
 * The path at which a disk is `now` that was `recorded` as `deviceName`. A disk that never said
 * what it is goes by its name, and so does one that says something new: perhaps it was replaced,
 * which a comparison will show. Throws a LandfallError when that name is another recorded disk's.
 */
export function locateDisk(
  deviceName: string,
  recorded: DiskIdentities,
  now: DiskIdentities,
): string {
  const identity = recorded[deviceName]
  const found = Object.keys(now).find((devicePath) => now[devicePath] === identity)
  if (identity !== undefined && found !== undefined) return found
  const there = now[deviceName]
  const other = Object.keys(recorded).find((name) => recorded[name] === there)
  if (there === undefined || other === undefined || other === deviceName) return deviceName
  const sentence = `Disk ${deviceName} is not there, and ${other} has its name since the last boot`
  throw new LandfallError('unavailable', `${sentence}: attach it again`)
}

/** Paths to a disk, hidden under the disk itself, say the same as it does. */
async function identityOf(folder: string): Promise<string | undefined> {
  if ((await attribute(folder, 'hidden')) === '1') return undefined
  for (const file of IDENTITY_FILES) {
    const text = await attribute(folder, file)
    if (text !== '') return text
  }
  return undefined
}

async function attribute(folder: string, file: string): Promise<string> {
  try {
    return (await readFile(path.join(folder, file), 'utf8')).trim()
  } catch {
    return '' // Of another kind of disk, or one that does not say.
  }
}
