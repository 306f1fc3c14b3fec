import { basename } from 'node:path'
import { bytesOf } from '../file-part.ts'
import type { RememberingReader } from '../remembering-reader.ts'
import type { LiveFacts } from './guest-facts.ts'
import { NETWORK_TYPES } from './storage-files.ts'
import { addressWithoutSecret } from './without-secrets.ts'

type Mount = LiveFacts['mounts'][number]
type Layer = Mount['layers'][number]

const BLOCK_DIR = '/sys/class/block'
/** UEFI's EFI_GLOBAL_VARIABLE. */
const SECURE_BOOT = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'
/** Deeper than any sensible stack of devices: a circle would have no end. */
const DEPTH_MAX = 8
/** Mounts told: containers bring thousands, all from a few devices. */
const MOUNTS_MAX = 200

/** What only a system that runs can say; absent when this one does not. */
export async function readLive(reader: RememberingReader): Promise<LiveFacts | undefined> {
  const table = await reader.read('/proc/self/mounts')
  if (table === undefined) return undefined
  const isUefi = await reader.exists('/sys/firmware/efi')
  return {
    firmware: isUefi ? 'uefi' : 'bios',
    // Four bytes of attributes go before the value.
    isSecureBoot: isUefi && (await bytesOf(reader, SECURE_BOOT, { bytesMax: 5 })).at(4) === 1,
    kernel: ((await reader.read('/proc/sys/kernel/osrelease')) ?? '').trim(),
    mounts: await readMounts(reader, table),
  }
}

async function readMounts(reader: RememberingReader, table: string): Promise<Mount[]> {
  const mounts: Mount[] = []
  const devices = new Set<string>()
  for (const line of table.split('\n')) {
    const [device = '', folder = '', type = ''] = line.split(' ').map(unescape)
    const isNetwork = NETWORK_TYPES.has(type)
    if (!device.startsWith('/dev/') && !isNetwork && !/^(zfs|bcachefs)$/.test(type)) continue
    // Bind mounts and subvolumes say nothing new of a device.
    if (type === 'devtmpfs' || devices.has(device) || mounts.length >= MOUNTS_MAX) continue
    devices.add(device)
    const under = await underneath(reader, device)
    mounts.push({ device: addressWithoutSecret(device), folder, type, ...under })
  }
  return mounts
}

function unescape(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 8))
  })
}

/** The whole disks that a device lies on, and what is in between. */
export async function underneath(
  reader: RememberingReader,
  device: string,
): Promise<{ disks: string[]; layers: Layer[] }> {
  const name = await kernelName(reader, device)
  const disks = new Set<string>()
  const layers = new Set<Layer>()
  if (name !== undefined) await walk(reader, name, { disks, layers, depth: 0 })
  return { disks: [...disks].toSorted(), layers: [...layers].toSorted() }
}

async function kernelName(reader: RememberingReader, device: string): Promise<string | undefined> {
  const byTag = /^(UUID|LABEL|PARTUUID|PARTLABEL)=["']?([^"']+)/.exec(device)
  const path = byTag ? `/dev/disk/by-${byTag[1]?.toLowerCase()}/${byTag[2]}` : device
  if (!path.startsWith('/dev/')) return undefined
  const target = await reader.linkTarget(path)
  const name = target === undefined ? path.slice('/dev/'.length) : basename(target)
  const inSysfs = name.replaceAll('/', '!')
  return (await reader.exists(`${BLOCK_DIR}/${inSysfs}`)) ? inSysfs : undefined
}

async function walk(
  reader: RememberingReader,
  name: string,
  found: { disks: Set<string>; layers: Set<Layer>; depth: number },
): Promise<void> {
  if (found.depth > DEPTH_MAX) return
  const layer = await layerOf(reader, name)
  if (layer !== undefined) found.layers.add(layer)
  const lower = await reader.list(`${BLOCK_DIR}/${name}/slaves`)
  for (const next of lower) await walk(reader, next, { ...found, depth: found.depth + 1 })
  if (lower.length > 0) return
  // …/block/sda/sda1: the folder above a partition is its disk.
  const isPartition = await reader.exists(`${BLOCK_DIR}/${name}/partition`)
  const path = isPartition ? await reader.linkTarget(`${BLOCK_DIR}/${name}`) : undefined
  const whole = path?.split('/').at(-2) ?? name
  if (whole === name) found.disks.add(`/dev/${name.replaceAll('!', '/')}`)
  else await walk(reader, whole, { ...found, depth: found.depth + 1 })
}

async function layerOf(reader: RememberingReader, name: string): Promise<Layer | undefined> {
  if (await reader.exists(`${BLOCK_DIR}/${name}/md`)) return 'raid'
  const uuid = await reader.read(`${BLOCK_DIR}/${name}/dm/uuid`)
  if (uuid === undefined) return undefined
  if (uuid.startsWith('CRYPT-')) return 'luks'
  if (uuid.startsWith('LVM-')) return 'lvm'
  return uuid.includes('mpath-') ? 'multipath' : undefined
}
