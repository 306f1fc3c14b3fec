import { runProgram } from '@landfall/launch'

/** The releases that source servers are made from, the oldest first. */
export const DEBIAN_SUITES = ['bullseye', 'bookworm', 'trixie', 'sid'] as const

export type DebianSuite = (typeof DEBIAN_SUITES)[number]

export interface DebianOptions {
  readonly suite: DebianSuite
  readonly packages: readonly string[]
  /** A folder, or a file that ends in `.tar`. */
  readonly target: string
  /** Run when all is installed, by the shell of the host, with the root's folder as `$1`. */
  readonly customize?: readonly string[]
  readonly signal: AbortSignal
}

/** Documentation a server can do without, as minimal images do. */
const DOCUMENTATION = ['doc', 'man', 'info', 'locale'].map((folder) => `/usr/share/${folder}/*`)

/**
 * Kernel drivers the server keeps: those of common virtual machines, ours and others'. A whole
 * Debian kernel converts as well, but the converter rebuilds the initial ramdisk, driver by driver,
 * inside an emulated machine: over ten minutes without KVM instead of about two.
 */
const KEPT_DRIVERS = `
  acpi/* cdrom/* char/* crypto/* dca/* firmware/* hv/* pci/* pps/* ptp/* virtio/* virt/*
  xen/* input/serio/* input/evdev.ko* input/mouse/psmouse.ko* md/* ata/libata.ko* ata/libahci.ko*
  ata/ahci.ko* ata/ata_generic.ko* ata/ata_piix.ko* block/loop.ko* block/virtio_blk.ko*
  block/xen-blkfront.ko* net/net_failover.ko* net/virtio_net.ko* net/xen-netfront.ko* net/mii.ko*
  net/tun.ko* net/veth.ko* net/dummy.ko* net/vmxnet3/* net/hyperv/* net/ethernet/intel/e1000/*
  net/ethernet/intel/e1000e/* net/ethernet/intel/igb* nvme/* usb/common/* usb/core/* usb/host/*
  scsi/scsi_mod.ko* scsi/scsi_common.ko* scsi/sd_mod.ko* scsi/sr_mod.ko* scsi/sg.ko*
  scsi/virtio_scsi.ko* scsi/vmw_pvscsi.ko* scsi/hv_storvsc.ko* scsi/scsi_transport_*.ko*
  scsi/sym53c8xx_2/*
`

/** What the ramdisk would take in as well, and all drivers but those above. */
const DROPPED_MODULES = `
  fs/afs fs/ceph fs/f2fs fs/gfs2 fs/jfs fs/lockd fs/nfs fs/nfs_common fs/nfsd fs/ntfs3
  fs/ocfs2 fs/reiserfs fs/smb fs/ubifs fs/udf net/bluetooth net/ceph net/mac80211 net/sunrpc
  net/wireless sound arch/x86/kvm drivers
`

/** Where the packages of a release have modules: since trixie below /usr. */
const MODULES = ['/lib/modules/*/kernel', '/usr/lib/modules/*/kernel']

/** dpkg's rules for what is unpacked, in its order: a later one overrules an earlier one. */
export function pathRules(): readonly string[] {
  return [
    ...DOCUMENTATION.map((path) => `path-exclude=${path}`),
    ...MODULES.flatMap((modules) => [
      ...words(DROPPED_MODULES).map((path) => `path-exclude=${modules}/${path}/*`),
      ...words(KEPT_DRIVERS).map((path) => `path-include=${modules}/drivers/${path}`),
    ]),
  ]
}

/**
 * A Debian system of its packages. It is made in a mount and process namespace of its own: when we
 * are killed, mounts and children go with it, and nobody can ever delete the host's /dev through a
 * leftover bind mount.
 */
export async function installDebian(options: DebianOptions): Promise<void> {
  const { suite, packages, target, customize = [], signal } = options
  await runProgram(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['mmdebstrap', '--quiet', '--mode=root', '--variant=minbase'],
      `--include=${packages.join(',')}`,
      '--aptopt=Acquire::Languages "none"',
      // A mirror may lag behind for weeks: what it has is signed all the same.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      ...pathRules().map((rule) => `--dpkgopt=${rule}`),
      ...customize.map((command) => `--customize-hook=${command}`),
      ...[suite, target],
    ],
    // unshare holds back SIGTERM while its child runs; killed, it takes the child along.
    { signal, killSignal: 'SIGKILL' },
  )
}

/** The words of a list written as text, one space or line apart. */
function words(list: string): string[] {
  return list.trim().split(/\s+/)
}
