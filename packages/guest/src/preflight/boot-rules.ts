import { bootedImage, bootedKernel, driversNeeded } from '../drivers-needed.ts'
import { isHardwareName } from '../facts/hardware-name.ts'
import type { GuestFacts } from '../facts/guest-facts.ts'
import { some, when, type PreflightRule } from './rule.ts'

const MIB = 1024 * 1024

/** A ramdisk is written beside the old one, and the new may be somewhat larger. */
const REBUILD_SPARE_BYTES = 20 * MIB

/** RHEL 7's, the oldest distribution that anybody may be expected to run. */
const KERNEL_MIN = [3, 10] as const

/** Generators of initial ramdisks that the conversion can make build another one. */
const USABLE_GENERATORS: ReadonlySet<string> = new Set(['initramfs-tools', 'dracut'])

export const BOOT_RULES: readonly PreflightRule[] = [
  {
    id: 'kernel-without-virtio',
    severity: 'blocker',
    about: 'boot',
    title: "The kernel that boots has no driver for KVM's devices, neither built in nor as module.",
    remedy:
      "Install a kernel that has them, such as the distribution's generic one, and make it the " +
      'default.',
    check: (facts) => {
      const needed = driversNeeded(facts)
      return when(needed.kind === 'missing', ...modulesOf(facts))
    },
  },
  {
    id: 'ramdisk-without-drivers',
    severity: 'blocker',
    about: 'boot',
    title: "The initial ramdisk lacks drivers of KVM's disks, and no known program builds one.",
    remedy:
      'Add virtio_pci and virtio_blk to the initial ramdisk on the source server and build it ' +
      'anew, or install initramfs-tools or dracut there.',
    check: (facts) => {
      const needed = driversNeeded(facts)
      const isLacking = needed.kind === 'initramfs' && !canRebuild(facts)
      return when(isLacking && bootedImage(facts) === undefined, ...modulesOf(facts))
    },
  },
  {
    id: 'unified-image-without-drivers',
    severity: 'blocker',
    about: 'boot',
    title:
      "The unified kernel image that boots lacks drivers of KVM's disks, and the conversion cannot " +
      'add them to it.',
    remedy:
      'Add virtio_pci and virtio_blk to the initial ramdisk on the source server, and build the ' +
      'image anew there.',
    check: (facts) => {
      const image = bootedImage(facts)
      const needed = driversNeeded(facts)
      if (image === undefined || needed.kind !== 'initramfs') return undefined
      return [`${image} lacks ${needed.modules.join(', ')}`]
    },
  },
  {
    id: 'unified-image-by-hardware-name',
    severity: 'blocker',
    about: 'boot',
    title:
      'The unified kernel image that boots has names of this hardware in it, which the conversion ' +
      'cannot change there.',
    remedy:
      'Name the devices by UUID= (`blkid` shows it) in /etc/kernel/cmdline and /etc/crypttab on ' +
      'the source server, and build the image anew there.',
    check: (facts) => {
      if (bootedImage(facts) === undefined) return undefined
      const { root = '' } = facts.boot
      // The initial ramdisk has its own copy of the table.
      const crypttab = facts.crypttab.filter(({ device }) => isHardwareName(device))
      return some([
        ...(isHardwareName(root) ? [`root=${root}`] : []),
        ...crypttab.map(({ name, device }) => `${name} on ${device}`),
      ])
    },
  },
  {
    id: 'ramdisk-is-rebuilt',
    severity: 'information',
    about: 'boot',
    title: "The initial ramdisk lacks drivers of KVM's disks: the conversion builds it anew.",
    remedy: 'Nothing has to be done.',
    check: (facts) => {
      const needed = driversNeeded(facts)
      return when(needed.kind === 'initramfs' && canRebuild(facts), ...modulesOf(facts))
    },
  },
  {
    id: 'drivers-unknown',
    severity: 'warning',
    about: 'boot',
    title: 'It could not be proven that the kernel that boots has the drivers it needs.',
    remedy: 'Launch a test instance: it shows whether the system comes up.',
    check: (facts) => {
      const needed = driversNeeded(facts)
      const isClear = facts.defaultKernel.kind === 'known'
      return needed.kind === 'unknown' && isClear ? [needed.why] : undefined
    },
  },
  {
    id: 'default-kernel-unclear',
    severity: 'warning',
    about: 'boot',
    title: 'It is unclear which kernel boots.',
    remedy:
      "Set the boot loader's default to an entry whose kernel is there, or launch a test instance " +
      'and see.',
    check: ({ defaultKernel }) =>
      defaultKernel.kind === 'unclear' ? [`${defaultKernel.why}.`] : undefined,
  },
  {
    id: 'other-kernel-boots',
    severity: 'information',
    about: 'boot',
    title: 'The next boot starts another kernel than the one that runs on the source server.',
    remedy: 'If that one was never tried, launch a test instance, or restart the source server.',
    check: ({ defaultKernel, live }) =>
      when(
        defaultKernel.kind === 'known' &&
          live !== undefined &&
          defaultKernel.decidedBy !== 'newest' &&
          live.kernel !== defaultKernel.version,
        `runs ${live?.kernel}, next ${'version' in defaultKernel ? defaultKernel.version : ''}`,
      ),
  },
  {
    id: 'kernel-old',
    severity: 'warning',
    about: 'boot',
    title: `The kernel that boots is older than ${KERNEL_MIN.join('.')}.`,
    remedy: 'Launch a test instance: kernels of that age are not among those that are tested.',
    check: ({ defaultKernel }) =>
      defaultKernel.kind === 'known' && isOld(defaultKernel.version)
        ? [defaultKernel.version]
        : undefined,
  },
  {
    id: 'boot-loader-unknown',
    severity: 'warning',
    about: 'boot',
    title: 'The boot loader was not recognised: neither GRUB nor systemd-boot nor extlinux.',
    remedy: 'Launch a test instance: it shows whether the boot loader starts from its new disk.',
    check: ({ boot }) => when(boot.loaders.length === 0),
  },
  {
    id: 'boot-loader-old',
    severity: 'warning',
    about: 'boot',
    title: 'The boot loader is one that the conversion leaves as it is.',
    remedy:
      'Launch a test instance. If it does not start, install GRUB 2 on the source server first.',
    check: ({ boot }) => {
      const known = boot.loaders.filter(
        (name) => name.startsWith('grub-') && name !== 'grub-legacy',
      )
      const isKept = /^(systemd-boot|firmware)$/
      const isOther = known.length === 0 && !boot.loaders.some((name) => isKept.test(name))
      return isOther ? some(boot.loaders) : undefined
    },
  },
  {
    id: 'no-boot-disk',
    severity: 'blocker',
    about: 'boot',
    title: 'No disk that is replicated has a boot loader.',
    remedy: 'Run the installer again with the disk that the server boots from in --devices.',
    check: (_, { disks }) => when(!disks.some((disk) => disk.isBootDisk)),
  },
  {
    id: 'efi-partition-unknown',
    severity: 'warning',
    about: 'boot',
    title: 'The server starts by UEFI, and its EFI system partition is not mounted.',
    remedy: 'Mount it at /boot/efi, so that it can be looked at, or launch a test instance.',
    check: ({ boot }, { firmware }) => when(firmware === 'uefi' && boot.esp === undefined),
  },
  {
    id: 'efi-without-fallback',
    severity: 'information',
    about: 'boot',
    title:
      "There is no \\EFI\\BOOT\\BOOTX64.EFI: the server is started by its firmware's own list, " +
      'which stays behind.',
    remedy: 'Nothing has to be done: the conversion makes one of the boot loader that is there.',
    check: ({ boot }, { firmware }) =>
      when(firmware === 'uefi' && boot.esp !== undefined && !boot.esp.hasFallback),
  },
  {
    id: 'secure-boot-unsigned',
    severity: 'warning',
    about: 'boot',
    title: 'Secure Boot is on, and no boot loader has a signature that other firmware knows.',
    remedy:
      'Keys of your own stay behind in the firmware: install shim and a signed boot loader, or let ' +
      'the instance start without Secure Boot.',
    check: ({ boot, live }) => {
      const isSigned = boot.esp?.hasShim === true && boot.esp.loaders.some((each) => each.isSigned)
      return when(live?.isSecureBoot === true && !isSigned)
    },
  },
  {
    id: 'boot-space-for-ramdisk',
    severity: 'blocker',
    about: 'boot',
    title: 'The initial ramdisk must be built anew, and /boot has no room for it.',
    remedy: 'Remove kernels that are not used from the source server.',
    check: (facts) => {
      const isNeeded = driversNeeded(facts).kind === 'initramfs' && canRebuild(facts)
      return isNeeded ? lackOfBootSpace(facts) : undefined
    },
  },
  {
    id: 'boot-space',
    severity: 'warning',
    about: 'boot',
    title: '/boot has little room: another initial ramdisk does not fit.',
    remedy: 'Remove kernels that are not used from the source server.',
    check: (facts) => {
      const isNeeded = driversNeeded(facts).kind === 'initramfs' && canRebuild(facts)
      return isNeeded ? undefined : lackOfBootSpace(facts)
    },
  },
  {
    id: 'command-line-by-hardware-name',
    severity: 'information',
    about: 'boot',
    title: 'The kernel is told of its root, or where to resume from, by a device of this hardware.',
    remedy: 'Nothing has to be done: the conversion tells it by UUID.',
    check: (facts) => {
      if (bootedImage(facts) !== undefined) return undefined
      const { root, resume } = facts.boot
      return some([root, resume].filter((name) => name !== undefined).filter(isHardwareName))
    },
  },
  {
    id: 'no-virtio-console',
    severity: 'warning',
    about: 'boot',
    title:
      'The kernel that boots has no driver for the channel between an instance and the service.',
    remedy:
      'Install a kernel with virtio_console. Without it the first boot is reported, and commands ' +
      'come, through the network alone, where it reaches the service.',
    check: (facts) => {
      const kernel = bootedKernel(facts)
      if (kernel?.loadable === undefined) return undefined
      const isThere = [...kernel.loadable, ...kernel.builtin].includes('virtio_console')
      return when(!isThere, `kernel ${kernel.version}`)
    },
  },
  {
    id: 'no-serial-console',
    severity: 'information',
    about: 'boot',
    title:
      'The kernel writes nothing to a serial console: the console log has only a login prompt.',
    remedy:
      'Add console=ttyS0,115200 to the kernel command line, if you want to read how it starts. Its ' +
      'screen is kept in any case.',
    check: ({ boot }) =>
      when(
        boot.commandLine !== undefined && !boot.consoles.some((name) => name.startsWith('ttyS')),
      ),
  },
]

function canRebuild(facts: GuestFacts): boolean {
  if (bootedImage(facts) !== undefined) return false
  return facts.initramfsGenerators.some(({ name }) => USABLE_GENERATORS.has(name))
}

function modulesOf(facts: GuestFacts): string[] {
  const needed = driversNeeded(facts)
  if (needed.kind !== 'missing' && needed.kind !== 'initramfs') return []
  return [`kernel ${needed.kernels.join(', ')} lacks ${needed.modules.join(', ')}`]
}

function isOld(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined || minor === undefined) return false
  const [majorMin, minorMin] = KERNEL_MIN
  return Number(major) < majorMin || (Number(major) === majorMin && Number(minor) < minorMin)
}

function lackOfBootSpace({ kernels, space }: GuestFacts): readonly string[] | undefined {
  const largest = Math.max(0, ...kernels.map(({ initramfs }) => initramfs?.sizeBytes ?? 0))
  if (space.boot === undefined || largest === 0) return undefined
  const needed = largest + REBUILD_SPARE_BYTES
  if (space.boot.availableBytes >= needed) return undefined
  const mib = (bytes: number) => Math.ceil(bytes / MIB)
  return [`${mib(space.boot.availableBytes)} MiB are free, ${mib(needed)} MiB are needed`]
}
