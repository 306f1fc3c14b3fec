import type { DebianSuite } from '@landfall/cli'

/** One kind of server that Landfall says it lands: how it is installed, and what it runs on. */
export interface GuestCell {
  readonly name: string
  readonly suite: DebianSuite
  readonly kernel: 'amd64' | 'cloud-amd64'
  readonly firmware: 'bios' | 'uefi' | 'secure-boot'
  readonly table: 'mbr' | 'gpt'
  readonly layout: keyof typeof LAYOUTS
  readonly filesystem: 'ext4' | 'xfs' | 'btrfs'
  readonly bootLoader: 'grub' | 'systemd-boot'
  /** What makes the initial ramdisk; `… without virtio` made it for the source's hardware alone. */
  readonly ramdisk:
    | 'initramfs-tools'
    | 'initramfs-tools without virtio'
    | 'dracut'
    | 'dracut without virtio'
  readonly network: 'ifupdown' | 'netplan' | 'NetworkManager' | 'networkd'
  /** What its instance gets: whatever DHCP gives, or the addresses of the source. */
  readonly addresses: 'dhcp' | 'source'
  /** How /etc/fstab and the kernel's command line name file systems. */
  readonly names: 'uuid' | 'device'
  readonly hardware: 'sata' | 'ide' | 'lsi' | 'virtio-scsi' | 'nvme' | 'virtio'
}

/** What is on the disks beside a boot partition, for people. */
export const LAYOUTS = {
  plain: 'one root',
  separate: '/boot, /var and swap apart',
  subvolume: 'root in a subvolume',
  lvm: 'LVM over two disks',
  raid1: 'md RAID1 of two disks',
  luks: 'root in LUKS',
} as const

const BIOS: GuestCell = {
  name: '',
  suite: 'bookworm',
  kernel: 'amd64',
  firmware: 'bios',
  table: 'mbr',
  layout: 'plain',
  filesystem: 'ext4',
  bootLoader: 'grub',
  ramdisk: 'initramfs-tools',
  network: 'ifupdown',
  addresses: 'dhcp',
  names: 'uuid',
  hardware: 'sata',
}

const UEFI: GuestCell = { ...BIOS, firmware: 'uefi', table: 'gpt', network: 'networkd' }

/** Every value of every column is in at least one row, and what is risky in several. */
export const CELLS: readonly GuestCell[] = [
  {
    ...BIOS,
    name: 'sata-without-virtio',
    ramdisk: 'initramfs-tools without virtio',
    names: 'device',
  },
  {
    ...BIOS,
    name: 'ide-gpt-xfs',
    table: 'gpt',
    filesystem: 'xfs',
    hardware: 'ide',
    network: 'networkd',
    addresses: 'source',
  },
  {
    ...BIOS,
    name: 'bullseye-lvm-lsi',
    suite: 'bullseye',
    layout: 'lvm',
    hardware: 'lsi',
    ramdisk: 'initramfs-tools without virtio',
  },
  {
    ...UEFI,
    name: 'nvme-networkmanager',
    hardware: 'nvme',
    network: 'NetworkManager',
    addresses: 'source',
  },
  {
    ...UEFI,
    name: 'trixie-btrfs-subvolume',
    suite: 'trixie',
    layout: 'subvolume',
    filesystem: 'btrfs',
    hardware: 'virtio-scsi',
    network: 'netplan',
  },
  { ...BIOS, name: 'raid1', layout: 'raid1', addresses: 'source' },
  { ...BIOS, name: 'luks', layout: 'luks', network: 'NetworkManager' },
  {
    ...UEFI,
    name: 'trixie-systemd-boot',
    suite: 'trixie',
    bootLoader: 'systemd-boot',
    ramdisk: 'dracut',
    hardware: 'nvme',
  },
  {
    ...BIOS,
    name: 'dracut-without-virtio',
    ramdisk: 'dracut without virtio',
    layout: 'separate',
    names: 'device',
  },
  { ...UEFI, name: 'sid-virtio', suite: 'sid', hardware: 'virtio' },
  {
    ...BIOS,
    name: 'trixie-separate-virtio-scsi',
    suite: 'trixie',
    table: 'gpt',
    layout: 'separate',
    hardware: 'virtio-scsi',
    network: 'netplan',
    addresses: 'source',
  },
  {
    ...UEFI,
    name: 'bullseye-uefi-sata',
    suite: 'bullseye',
    ramdisk: 'initramfs-tools without virtio',
    network: 'ifupdown',
  },
  {
    ...UEFI,
    name: 'trixie-secure-boot',
    suite: 'trixie',
    firmware: 'secure-boot',
    hardware: 'nvme',
  },
  {
    ...BIOS,
    name: 'sid-dracut-xfs',
    suite: 'sid',
    table: 'gpt',
    filesystem: 'xfs',
    ramdisk: 'dracut',
    network: 'networkd',
  },
  { ...BIOS, name: 'cloud-kernel', kernel: 'cloud-amd64', hardware: 'virtio', table: 'gpt' },
  {
    ...UEFI,
    name: 'lvm-uefi-ide',
    layout: 'lvm',
    filesystem: 'xfs',
    hardware: 'sata',
    network: 'NetworkManager',
  },
]
