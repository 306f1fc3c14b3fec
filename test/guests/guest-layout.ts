import type { GuestCell } from './cell.ts'
import { diskNameOf } from './hardware.ts'

const MIB = 1024 * 1024

/** A whole Debian without documentation takes 0.7 GiB. */
const DISK_BYTES = 3072 * MIB
/** Of two disks that share a volume: neither holds it alone. */
const HALF_DISK_BYTES = 1536 * MIB

/** The types that firmware, GRUB and systemd go by, from the UEFI and the GRUB manuals. */
const TYPE_ESP = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
const TYPE_BIOS_BOOT = '21686148-6449-6E6F-744E-656564454649'

/** For the tests alone: everybody may know it. */
export const PASSPHRASE = 'landfall-test-passphrase'

interface Partition {
  readonly sizeMiB: number
  readonly type?: string
}

interface Mount {
  /** As guestfish names it. */
  readonly device: string
  readonly folder: string
  readonly options?: string
}

export interface GuestLayout {
  readonly diskBytes: readonly number[]
  /** guestfish's commands that make what is on the disks. */
  readonly commands: readonly string[]
  readonly mounts: readonly Mount[]
  /** What the finishing script writes into configuration files, for each mount the name it has. */
  readonly fstabNames: Readonly<Record<string, string>>
}

/** How the disks of a cell are laid out. */
export function layoutOf(cell: GuestCell): GuestLayout {
  const hasTwoDisks = cell.layout === 'lvm' || cell.layout === 'raid1'
  const isEfi = cell.firmware !== 'bios'
  const isApart = cell.layout === 'separate' || cell.layout === 'lvm' || cell.layout === 'luks'
  const partitions: (Partition & { readonly use: string })[] = []
  if (isEfi) partitions.push({ use: 'esp', sizeMiB: 256, type: TYPE_ESP })
  if (!isEfi && cell.table === 'gpt') {
    partitions.push({ use: 'bios-boot', sizeMiB: 1, type: TYPE_BIOS_BOOT })
  }
  if (isApart) partitions.push({ use: 'boot', sizeMiB: 400 })
  if (cell.layout === 'separate') {
    partitions.push({ use: 'swap', sizeMiB: 128 }, { use: 'var', sizeMiB: 800 })
  }
  partitions.push({ use: 'root', sizeMiB: Infinity })
  const bytes = cell.layout === 'lvm' ? HALF_DISK_BYTES : DISK_BYTES
  const diskBytes = hasTwoDisks ? [bytes, bytes] : [bytes]
  const numberOf = (use: string) => partitions.findIndex((one) => one.use === use) + 1
  const device = (use: string) => `/dev/sda${numberOf(use)}`
  const source = (use: string) => partitionName(diskNameOf(cell, 0), numberOf(use))
  const root = rootOf(cell, numberOf('root'))
  const uses = partitions.map(({ use }) => use)
  return {
    diskBytes,
    commands: [
      ...partition('/dev/sda', cell.table, partitions),
      ...(cell.layout === 'raid1' ? partition('/dev/sdb', cell.table, partitions) : []),
      ...root.commands,
      ...(uses.includes('esp') ? [`mkfs vfat ${device('esp')}`] : []),
      ...(uses.includes('boot') ? [`mkfs ext4 ${device('boot')}`] : []),
      ...(uses.includes('var') ? [`mkfs ext4 ${device('var')}`] : []),
      ...(uses.includes('swap') ? [`mkswap ${device('swap')}`] : []),
    ],
    mounts: [
      { device: root.device, folder: '/', ...(root.options && { options: root.options }) },
      ...(uses.includes('boot') ? [{ device: device('boot'), folder: '/boot' }] : []),
      ...(uses.includes('esp') ? [{ device: device('esp'), folder: '/boot/efi' }] : []),
      ...(uses.includes('var') ? [{ device: device('var'), folder: '/var' }] : []),
    ],
    fstabNames: Object.fromEntries(
      [
        ['/', 'root'] as const,
        ['/boot', 'boot'] as const,
        ['/boot/efi', 'esp'] as const,
        ['/var', 'var'] as const,
        ['swap', 'swap'] as const,
      ]
        .filter(([, use]) => uses.includes(use))
        .map(([folder, use]) => [folder, source(use)]),
    ),
  }
}

function partition(disk: string, table: string, partitions: readonly Partition[]): string[] {
  const commands = [`part-init ${disk} ${table}`]
  let startMiB = 1
  for (const [index, { sizeMiB, type }] of partitions.entries()) {
    const start = startMiB * 2048
    const end = sizeMiB === Infinity ? '-2048' : String((startMiB + sizeMiB) * 2048 - 1)
    // MBR's fifth partition would be a logical one; no cell has so many.
    commands.push(`part-add ${disk} p ${start} ${end}`)
    if (type !== undefined) commands.push(`part-set-gpt-type ${disk} ${index + 1} ${type}`)
    startMiB += sizeMiB
  }
  return commands
}

function rootOf(cell: GuestCell, number: number): Mount & { commands: readonly string[] } {
  const first = `/dev/sda${number}`
  const folder = '/'
  const mkfs = (device: string) => `mkfs ${cell.filesystem} ${device}`
  switch (cell.layout) {
    case 'plain':
    case 'separate':
      return { device: first, folder, commands: [mkfs(first)] }
    case 'subvolume':
      return {
        device: first,
        folder,
        options: 'subvol=@rootfs',
        commands: [mkfs(first), `mount ${first} /`, 'btrfs-subvolume-create /@rootfs', 'umount /'],
      }
    case 'lvm': {
      const device = '/dev/vg/root'
      const volumes = [
        `pvcreate ${first}`,
        'pvcreate /dev/sdb',
        `vgcreate vg "${first} /dev/sdb"`,
        'lvcreate-free root vg 100',
      ]
      return { device, folder, commands: [...volumes, mkfs(device)] }
    }
    case 'raid1': {
      const device = '/dev/md/system'
      const create = `md-create system "${first} /dev/sdb${number}" level:raid1`
      return { device, folder, commands: [create, mkfs(device)] }
    }
    case 'luks': {
      const device = '/dev/mapper/root'
      // A command that needs a key reads it from the line after it.
      const open = [
        ...[`luks-format ${first} 0`, PASSPHRASE],
        ...[`cryptsetup-open ${first} root`, PASSPHRASE],
      ]
      return { device, folder, commands: [...open, mkfs(device)] }
    }
  }
}

function partitionName(disk: string, number: number): string {
  return `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`
}
