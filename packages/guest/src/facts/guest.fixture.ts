import { zstdCompressSync } from 'node:zlib'
import { cpio, modules } from '../initramfs/cpio.fixture.ts'
import { unifiedImage } from '../unified/unified-image.fixture.ts'

export const VERSION = '6.1.0-1-amd64'

/** An initial ramdisk with the named modules. */
export function ramdisk(names: readonly string[]): string {
  return zstdCompressSync(cpio(modules(names.map((name) => `${name}.ko`)))).toString('latin1')
}

const ALL_MODULES = ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_console', 'virtio_scsi']

/** The modules' part of a kernel, as depmod lists them. */
export function kernelModules(
  version: string,
  lists: { readonly loadable?: readonly string[]; readonly builtin?: readonly string[] } = {},
): Record<string, string> {
  const { loadable = ALL_MODULES, builtin = [] } = lists
  const folder = `/lib/modules/${version}`
  return {
    [`${folder}/modules.dep`]: loadable
      .map((name) => `kernel/d/${name}.ko.xz: kernel/d/x.ko`)
      .join('\n'),
    [`${folder}/modules.builtin`]: builtin.map((name) => `kernel/d/${name}.ko`).join('\n'),
  }
}

/** A 64-bit ELF program for x86, or for another machine. */
export function program(machine = 62): string {
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01', 'latin1')
  header.writeUInt16LE(machine, 18)
  return header.toString('latin1')
}

/** As grub-mkconfig writes it on Debian, with one kernel or several. */
export function grubConfig(versions: readonly string[], defaultEntry = '0'): string {
  const entry = (version: string, id: string) =>
    [
      `menuentry 'Debian, with Linux ${version}' --class debian $menuentry_id_option '${id}' {`,
      '  insmod gzio',
      '  if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi',
      `  linux\t/boot/vmlinuz-${version} root=UUID=1234 ro quiet console=ttyS0,115200`,
      `  initrd\t/boot/initrd.img-${version}`,
      '}',
    ].join('\n')
  return [
    'if [ "${next_entry}" ] ; then',
    '   set default="${next_entry}"',
    '   set next_entry=',
    'else',
    `   set default="${defaultEntry}"`,
    'fi',
    'function savedefault {',
    '  save_env saved_entry',
    '}',
    entry(versions[0] ?? '', 'simple'),
    "submenu 'Advanced options for Debian' $menuentry_id_option 'advanced' {",
    ...versions.map((version) => entry(version, `advanced-${version}`)),
    '}',
    "menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {",
    '  fwsetup',
    '}',
  ].join('\n')
}

/** Where systemd's boot loader finds unified images. */
export const IMAGE = `/boot/efi/EFI/Linux/debian-${VERSION}.efi`

/** A Debian whose boot loader, systemd's, starts a unified image with these modules. */
export function unifiedDebian(
  modulesInIt: readonly string[],
  commandLine = 'root=UUID=1234 ro console=ttyS0,115200',
): Record<string, string> {
  const isGrub = /^\/boot\/(grub|vmlinuz|initrd)/
  const rest = Object.entries(debian()).filter(([path]) => !isGrub.test(path))
  const initramfs = ramdisk(modulesInIt)
  return {
    ...Object.fromEntries(rest),
    '/boot/efi/EFI/systemd/systemd-bootx64.efi': 'MZ',
    '/boot/efi/EFI/BOOT/BOOTX64.EFI': 'MZ',
    [IMAGE]: unifiedImage({ version: VERSION, commandLine, initramfs }),
  }
}

/** A Debian that boots from GRUB on BIOS, and from KVM's disks. */
export function debian(): Record<string, string> {
  return {
    '/bin/sh': program(),
    '/sbin/init': '-> /lib/systemd/systemd',
    '/lib/systemd/systemd': '',
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    '/etc/fstab': 'UUID=1234 / ext4 errors=remount-ro 0 1\n',
    '/etc/network/interfaces': 'auto lo\niface lo inet loopback\niface ens3 inet dhcp\n',
    '/usr/sbin/update-initramfs': '',
    '/etc/initramfs-tools/initramfs.conf': '# comment\nMODULES=most\n',
    '/boot/grub/i386-pc/normal.mod': '',
    '/boot/grub/grub.cfg': grubConfig([VERSION]),
    [`/boot/vmlinuz-${VERSION}`]: '',
    [`/boot/initrd.img-${VERSION}`]: ramdisk(['virtio_pci', 'virtio_blk', 'ext4', 'sd_mod']),
    ...kernelModules(VERSION),
  }
}
