import { isHardwareName, type GuestSystem } from '@landfall/guest'
import { replaceFile } from './originals.ts'

/**
 * Lets /etc/fstab name filesystems by UUID, because the disks have other device names on the
 * target. An entry whose disk was not replicated is reported, and marked `nofail` so that the boot
 * does not wait for it.
 */
export async function adaptFstab(guest: GuestSystem): Promise<string[]> {
  const text = await guest.read('/etc/fstab')
  if (text === undefined) return []
  const warnings: string[] = []
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const device = /^\s*(\S+)/.exec(line)?.[1] ?? ''
    if (!isHardwareName(device)) {
      lines.push(line)
      continue
    }
    const uuid = await guest.uuidOf(device)
    if (uuid !== undefined) {
      lines.push(line.replace(device, `UUID=${uuid}`))
      continue
    }
    warnings.push(
      `/etc/fstab names ${device}, which was not replicated or has no UUID: made nofail.`,
    )
    lines.push(withNofail(line))
  }
  const adapted = lines.join('\n')
  if (adapted !== text) await replaceFile(guest, '/etc/fstab', adapted)
  return warnings
}

/** Adds `nofail` to the fourth field, which is missing when the line is cut short. */
function withNofail(line: string): string {
  const fields = line.trim().split(/\s+/)
  const [device = '', mountpoint = '', type = 'auto', options = 'defaults', ...rest] = fields
  if (options.split(',').includes('nofail')) return line
  return [device, mountpoint, type, `${options},nofail`, ...rest].join(' ')
}
