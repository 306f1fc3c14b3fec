import { type DebianSuite, installDebian } from '@landfall/cli'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuestCell } from './cell.ts'
import { interfaceOf } from './hardware.ts'

const BASE_PACKAGES = `
  systemd-sysv udev kmod iproute2 procps openssh-server wget ca-certificates e2fsprogs zstd fdisk
`

const NETWORK_PACKAGES: Readonly<Record<GuestCell['network'], string>> = {
  ifupdown: 'ifupdown isc-dhcp-client',
  netplan: 'netplan.io',
  NetworkManager: 'network-manager',
  networkd: '',
}

const LAYOUT_PACKAGES: Readonly<Record<GuestCell['layout'], string>> = {
  plain: '',
  separate: '',
  subvolume: '',
  lvm: 'lvm2',
  raid1: 'mdadm',
  luks: 'cryptsetup cryptsetup-initramfs',
}

const FILESYSTEM_PACKAGES: Readonly<Record<GuestCell['filesystem'], string>> = {
  ext4: '',
  xfs: 'xfsprogs',
  btrfs: 'btrfs-progs',
}

/** systemd 252 brought these out of its own package. */
const PACKAGED_APART: readonly DebianSuite[] = ['bookworm', 'trixie', 'sid']

function packagesOf(cell: GuestCell): string[] {
  const isEfi = cell.firmware !== 'bios'
  const isApart = PACKAGED_APART.includes(cell.suite)
  return [
    BASE_PACKAGES,
    `linux-image-${cell.kernel}`,
    cell.ramdisk.startsWith('dracut') ? 'dracut' : 'initramfs-tools',
    cell.bootLoader === 'systemd-boot' ? `${isApart ? 'systemd-boot' : ''} dosfstools` : '',
    cell.bootLoader === 'grub' ? (isEfi ? 'grub-efi-amd64 dosfstools' : 'grub-pc') : '',
    cell.firmware === 'secure-boot' ? 'shim-signed grub-efi-amd64-signed' : '',
    NETWORK_PACKAGES[cell.network],
    LAYOUT_PACKAGES[cell.layout],
    FILESYSTEM_PACKAGES[cell.filesystem],
  ]
    .join(' ')
    .trim()
    .split(/\s+/)
}

/** Run in the new system: the settings of its network, the commands that put them in force. */
function networkSetup(cell: GuestCell): string {
  const name = interfaceOf(cell)
  switch (cell.network) {
    case 'ifupdown':
      return `cat > /etc/network/interfaces <<END
auto lo
iface lo inet loopback

allow-hotplug ${name}
iface ${name} inet dhcp
END`
    case 'networkd':
      return `cat > /etc/systemd/network/lan.network <<END
[Match]
Name=${name}

[Network]
DHCP=ipv4
END
systemctl enable systemd-networkd`
    case 'netplan':
      return `cat > /etc/netplan/01-lan.yaml <<END
network:
  version: 2
  ethernets:
    ${name}:
      dhcp4: true
END
chmod 600 /etc/netplan/01-lan.yaml
systemctl enable systemd-networkd`
    case 'NetworkManager':
      return `cat > /etc/NetworkManager/system-connections/lan.nmconnection <<END
[connection]
id=lan
type=ethernet
interface-name=${name}

[ipv4]
method=auto
END
chmod 600 /etc/NetworkManager/system-connections/lan.nmconnection`
  }
}

/** The drivers of what the source runs on, by which alone its initial ramdisk is made. */
const SOURCE_DRIVERS: Readonly<Record<GuestCell['hardware'], string>> = {
  sata: 'ahci sd_mod',
  ide: 'ata_piix ata_generic sd_mod',
  lsi: 'sym53c8xx sd_mod',
  'virtio-scsi': 'virtio_pci virtio_scsi sd_mod',
  nvme: 'nvme',
  virtio: 'virtio_pci virtio_blk',
}

/**
 * An initial ramdisk that has the source's drivers and no others, as the generators make it on the
 * source itself: here they would look at the hardware of the machine that builds.
 */
function ramdiskSetup(cell: GuestCell): string {
  const drivers = `${SOURCE_DRIVERS[cell.hardware]} ${cell.filesystem}`
  switch (cell.ramdisk) {
    case 'initramfs-tools without virtio':
      return `printf '%s\\n' ${drivers} ${cell.layout === 'lvm' ? 'dm_mod' : ''} > /etc/initramfs-tools/modules
sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf
update-initramfs -u
: > /etc/initramfs-tools/modules
sed -i 's/^MODULES=.*/MODULES=dep/' /etc/initramfs-tools/initramfs.conf`
    case 'dracut without virtio':
      return `for kernel in /lib/modules/*; do
  dracut --force --no-hostonly --omit qemu --omit-drivers '.*virtio.*' --drivers '${drivers} crc32c' \\
    /boot/initrd.img-\${kernel##*/} \${kernel##*/}
done
echo 'hostonly="yes"' > /etc/dracut.conf.d/hostonly.conf`
    case 'initramfs-tools':
    case 'dracut':
      return ''
  }
}

/** The settings of a cell's system, made inside it. */
function setup(cell: GuestCell, publicKey: string): string {
  const isAsked = cell.layout === 'luks'
  const commandLine = isAsked ? 'console=tty0 console=ttyS0,115200' : ''
  return `set -e
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
echo ${cell.name} > /etc/hostname
printf '127.0.0.1 localhost\\n127.0.1.1 ${cell.name}\\n' > /etc/hosts
systemd-machine-id-setup
install -d -m 700 /root/.ssh
echo '${publicKey.trim()}' > /root/.ssh/authorized_keys
mkdir -p /etc/kernel /boot/efi
cat > /etc/default/grub <<END
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="${commandLine}"
GRUB_DISABLE_OS_PROBER=true
${cell.names === 'device' ? 'GRUB_DISABLE_LINUX_UUID=true\nGRUB_DISABLE_LINUX_PARTUUID=true' : ''}
END
${networkSetup(cell)}
${ramdiskSetup(cell)}
`
}

/** Installs a cell's system from Debian's packages into a tar file. */
export async function installSystem(
  cell: GuestCell,
  options: { folder: string; target: string; publicKey: string; signal: AbortSignal },
): Promise<void> {
  const script = join(options.folder, 'setup.sh')
  await writeFile(script, setup(cell, options.publicKey))
  await installDebian({
    suite: cell.suite,
    packages: packagesOf(cell),
    target: options.target,
    customize: [`cp ${script} "$1/setup.sh"`, `chroot "$1" sh /setup.sh`, `rm "$1/setup.sh"`],
    signal: options.signal,
  })
}

/** What a system is made of, to tell whether one that was kept still is it. */
export function systemRecipe(cell: GuestCell): unknown {
  return [packagesOf(cell), setup(cell, '')]
}
