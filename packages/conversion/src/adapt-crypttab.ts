import { isHardwareName, type GuestSystem } from '@landfall/guest'
import { replaceFile } from './originals.ts'

const PATH = '/etc/crypttab'

/** Lets /etc/crypttab name encrypted devices by UUID: the disks have other names on the target. */
export async function adaptCrypttab(guest: GuestSystem): Promise<string[]> {
  const text = await guest.read(PATH)
  if (text === undefined) return []
  const warnings: string[] = []
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const [name = '', device = ''] = line.trim().split(/\s+/)
    if (name.startsWith('#') || !isHardwareName(device)) {
      lines.push(line)
      continue
    }
    const uuid = await guest.uuidOf(device)
    if (uuid === undefined) {
      warnings.push(`${PATH} names ${device}, which was not replicated: ${name} stays closed.`)
    }
    lines.push(uuid === undefined ? line : line.replace(device, `UUID=${uuid}`))
  }
  const adapted = lines.join('\n')
  if (adapted !== text) await replaceFile(guest, PATH, adapted)
  return warnings
}
