import type { FilesystemSpace } from '../guest-files.ts'
import type { InitramfsContents } from '../initramfs/read-initramfs.ts'

/** What a guest is made of, as its files say. Nothing in it is a judgement. */
export interface GuestFacts {
  /** `/etc/os-release`; absent in what has none. */
  readonly os?: { readonly id: string; readonly version: string; readonly name: string }
  /** Of its programs: `x86_64`, `i386`, `aarch64`, …; absent when it has no `/bin/sh`. */
  readonly architecture?: string
  readonly hasSystemd: boolean
  /** Newest first. */
  readonly kernels: readonly KernelFacts[]
  readonly defaultKernel: DefaultKernel
  /** Who builds initial ramdisks in it. */
  readonly initramfsGenerators: readonly InitramfsGenerator[]
  readonly boot: BootFacts
  readonly fstab: readonly FstabEntry[]
  readonly crypttab: readonly CrypttabEntry[]
  readonly storage: StorageFacts
  readonly network: NetworkFacts
  /** Of `/etc/selinux/config`. */
  readonly selinux?: 'enforcing' | 'permissive' | 'disabled'
  /** Whether somebody may log in at the first serial line. */
  readonly hasSerialGetty: boolean
  /** Guest software of other hypervisors and clouds. */
  readonly guestAgents: readonly string[]
  /** Absent for `/boot` when that is not a folder. */
  readonly space: { readonly root?: FilesystemSpace; readonly boot?: FilesystemSpace }
  /** Only of a system that runs. */
  readonly live?: LiveFacts
}

export interface KernelFacts {
  /** The name of its folder in `/lib/modules`; else what the image's own name says. */
  readonly version: string
  readonly imagePath?: string
  /** The image is a unified one: the initial ramdisk and the command line are in it. */
  readonly isUnified?: true
  readonly initramfs?: {
    /** Of a unified image its own. */
    readonly path: string
    readonly sizeBytes: number
    /** Only of the default kernel; only drivers that matter for another machine. */
    readonly contents?: InitramfsContents
  }
  /** Of the drivers that matter for another machine, those that are part of the kernel. */
  readonly builtin: readonly string[]
  /** Those that can be loaded from the root filesystem; absent when there is no list of them. */
  readonly loadable?: readonly string[]
}

export type DefaultKernel =
  | {
      readonly kind: 'known'
      readonly version: string
      /** What said so; `only`: there is no other. `newest`: nothing said so. */
      readonly decidedBy: 'grub' | 'bls' | 'systemd-boot' | 'firmware' | 'only' | 'newest'
    }
  | { readonly kind: 'unclear'; readonly why: string }

export type InitramfsGenerator =
  /** `modules`: its setting MODULES, `most` unless it says otherwise. */
  | { readonly name: 'initramfs-tools'; readonly modules: string }
  | {
      readonly name: 'dracut'
      readonly isHostOnly: boolean
      /** Of add_drivers and force_drivers. */
      readonly addedDrivers: readonly string[]
    }
  | { readonly name: 'mkinitcpio' }
  | { readonly name: 'mkinitfs' }

export const BOOT_LOADERS = [
  'grub-bios',
  'grub-efi',
  'grub-legacy',
  'systemd-boot',
  'extlinux',
  /** It starts a unified kernel image itself. */
  'firmware',
] as const

export interface BootFacts {
  /** None: it is not known how it boots. */
  readonly loaders: readonly (typeof BOOT_LOADERS)[number][]
  /** The EFI system partition, when one is mounted. */
  readonly esp?: {
    readonly folder: string
    /** `\EFI\BOOT\BOOTX64.EFI`, which firmware starts that knows no other. */
    readonly hasFallback: boolean
    readonly hasShim: boolean
    /** Paths of loaders on it, and whether each has a signature. */
    readonly loaders: readonly { readonly path: string; readonly isSigned: boolean }[]
  }
  /** The command line of the default entry; absent when that is unclear. */
  readonly commandLine?: string
  readonly root?: string
  readonly resume?: string
  /** Names of LUKS devices that the command line asks for. */
  readonly cryptDevices: readonly string[]
  /** Values of `console=`. */
  readonly consoles: readonly string[]
}

export interface FstabEntry {
  readonly device: string
  readonly folder: string
  readonly type: string
  readonly options: readonly string[]
  /**
   * How the device is named: by the kernel's name of its hardware, by the way to it, by what is on
   * it.
   */
  readonly naming: 'hardware' | 'path' | 'stable' | 'network' | 'other'
  /** Whole disks that it lies on, `/dev/sda`; only of a system that runs. */
  readonly disks?: readonly string[]
}

export interface CrypttabEntry {
  readonly name: string
  readonly device: string
  /** A file, or `none`. */
  readonly key: string
  readonly options: readonly string[]
}

export interface StorageFacts {
  readonly hasMdadmConf: boolean
  /** LVM looks only at the devices that this file names. */
  readonly hasLvmDevicesFile: boolean
  readonly hasMultipathConf: boolean
}

export const NETWORK_MANAGERS = [
  'netplan',
  'ifupdown',
  'ifcfg',
  'networkd',
  'NetworkManager',
] as const

export interface NetworkFacts {
  /** Those that have settings of interfaces. */
  readonly managers: readonly (typeof NETWORK_MANAGERS)[number][]
  /** Files that set an address. */
  readonly staticFiles: readonly string[]
}

export interface LiveFacts {
  readonly firmware: 'bios' | 'uefi'
  readonly isSecureBoot: boolean
  readonly kernel: string
  /** Filesystems that lie on disks, or on something unusual. */
  readonly mounts: readonly {
    readonly device: string
    readonly folder: string
    readonly type: string
    /** Whole disks that it lies on. */
    readonly disks: readonly string[]
    /** Layers between filesystem and disk. */
    readonly layers: readonly ('luks' | 'lvm' | 'multipath' | 'raid')[]
  }[]
}
