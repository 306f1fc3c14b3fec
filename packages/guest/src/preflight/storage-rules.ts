import { bootedImage } from '../drivers-needed.ts'
import type { CrypttabEntry, FstabEntry, GuestFacts } from '../facts/guest-facts.ts'
import { isHardwareName, isHardwarePath } from '../facts/hardware-name.ts'
import { NETWORK_TYPES } from '../facts/storage-files.ts'
import { canBeReplicated, some, when, type PreflightContext, type PreflightRule } from './rule.ts'

const MIB = 1024 * 1024

/** The conversion writes an initial ramdisk and small files. */
const ROOT_SPARE_BYTES = 100 * MIB

/** Without what is in these folders nothing boots. */
const SYSTEM_FOLDERS: ReadonlySet<string> = new Set(['/', '/usr', '/boot', '/boot/efi', '/efi'])

/** Filesystems that the conversion cannot open. */
const CLOSED_TYPES: ReadonlySet<string> = new Set(['zfs', 'bcachefs'])

export const STORAGE_RULES: readonly PreflightRule[] = [
  {
    id: 'system-disk-not-replicated',
    severity: 'blocker',
    about: 'storage',
    title: 'The system lies on a disk that is not replicated.',
    remedy: 'Run the installer again with that disk in --devices.',
    check: (facts, context) => some(outsideReplication(facts, context, true)),
  },
  {
    id: 'data-disk-not-replicated',
    severity: 'warning',
    about: 'storage',
    title: 'A filesystem in use lies on a disk that is not replicated: the instance has it not.',
    remedy: 'Run the installer again with that disk in --devices, if its data is to move.',
    check: (facts, context) => some(outsideReplication(facts, context, false)),
  },
  {
    id: 'root-filesystem-unsupported',
    severity: 'blocker',
    about: 'storage',
    title: 'The system lies on a filesystem that the conversion cannot open.',
    remedy: 'Move the system to ext4, XFS or Btrfs before it is migrated.',
    check: (facts) => some(closedFilesystems(facts, true)),
  },
  {
    id: 'data-filesystem-unknown',
    severity: 'information',
    about: 'storage',
    title: 'There is data on filesystems that the conversion cannot open: it moves as it is.',
    remedy: 'Check in a test instance that it is there. ZFS may need `zpool import -f` once.',
    check: (facts) => some(closedFilesystems(facts, false)),
  },
  {
    id: 'root-on-network',
    severity: 'blocker',
    about: 'storage',
    title: 'The system is started from the network: its disks do not hold it.',
    remedy: 'Move the system to a disk of the server before it is migrated.',
    check: (facts) => some(networkRoots(facts)),
  },
  {
    id: 'root-encrypted',
    severity: 'blocker',
    about: 'storage',
    title: 'The system is encrypted with LUKS, and no passphrase of it is known.',
    remedy:
      'Give its passphrase with `landfall disk-keys`, or on the server’s tab Disks in the console; ' +
      'it is kept sealed.',
    check: (facts, { hasPassphrase }) => (hasPassphrase ? undefined : some(encryptedRoots(facts))),
  },
  {
    id: 'passphrase-at-boot',
    severity: 'warning',
    about: 'storage',
    title: 'The boot waits for somebody to type a passphrase.',
    remedy:
      'Type it at the console of the instance, or let /etc/crypttab name a key file, or `noauto` ' +
      'for data that can wait.',
    check: ({ crypttab }) =>
      some(
        crypttab
          .filter(({ key, options }) => {
            const isAsked = key === 'none' || key === '-'
            const hasOther = options.some((option) =>
              /^(noauto|nofail|swap|tmp|keyscript=|tpm2-device=|fido2-device=)/.test(option),
            )
            return isAsked && !hasOther
          })
          .map(told),
      ),
  },
  {
    id: 'key-in-hardware',
    severity: 'warning',
    about: 'storage',
    title: 'An encrypted device is opened by a TPM or a token of the server, which stay behind.',
    remedy:
      'Add a passphrase (`cryptsetup luksAddKey`): the instance asks for it at its console when it ' +
      'finds no TPM.',
    check: ({ crypttab }) =>
      some(
        crypttab
          .filter(({ options }) => options.some((option) => /^(tpm2|fido2|pkcs11)-/.test(option)))
          .map(told),
      ),
  },
  {
    id: 'crypttab-by-hardware-name',
    severity: 'information',
    about: 'storage',
    title: '/etc/crypttab names devices of this hardware.',
    remedy: 'Nothing has to be done: the conversion names them by UUID.',
    check: (facts) => {
      // A unified image has a copy that is not changed: that is a finding of its own.
      if (bootedImage(facts) !== undefined) return undefined
      return some(facts.crypttab.filter(({ device }) => isHardwareName(device)).map(told))
    },
  },
  {
    id: 'names-by-path',
    severity: 'warning',
    about: 'storage',
    title: '/etc/fstab or /etc/crypttab name devices by the way to them or by their serial number.',
    remedy:
      'Name them by UUID= (`blkid` shows it): the conversion leaves these names, and the boot waits ' +
      'for what has none of them on the target.',
    check: ({ crypttab, fstab }) =>
      some([
        ...fstab.filter((row) => row.naming === 'path' && !mayFail(row)).map(told),
        ...crypttab.filter(({ device }) => isHardwarePath(device)).map(told),
      ]),
  },
  {
    id: 'multipath-root',
    severity: 'warning',
    about: 'storage',
    title: 'The system lies on a multipath device: the instance has one path, and no multipath.',
    remedy: 'Launch a test instance. Let /etc/fstab and the boot loader name it by UUID.',
    check: ({ live }) =>
      some(
        (live?.mounts ?? [])
          .filter(({ folder, layers }) => isSystem(folder) && layers.includes('multipath'))
          .map(({ folder, device }) => `${folder} on ${device}`),
      ),
  },
  {
    id: 'fstab-by-hardware-name',
    severity: 'information',
    about: 'storage',
    title: '/etc/fstab names devices of this hardware.',
    remedy: 'Nothing has to be done: the conversion names them by UUID.',
    check: ({ fstab }, context) =>
      some(
        fstab
          .filter((row) => row.naming === 'hardware' && missingDisks(row, context).length === 0)
          .map(told),
      ),
  },
  {
    id: 'fstab-disk-not-replicated',
    severity: 'warning',
    about: 'storage',
    title: '/etc/fstab mounts what lies on a disk that is not replicated.',
    remedy:
      'Run the installer again with that disk in --devices, or give the entry the option `nofail`: ' +
      'else the boot stops at it.',
    check: ({ fstab }, context) =>
      some(
        fstab
          .filter((row) => !mayFail(row) && missingDisks(row, context).length > 0)
          .map((row) => `${told(row)} (${missingDisks(row, context).join(', ')})`),
      ),
  },
  {
    id: 'fstab-network',
    severity: 'warning',
    about: 'storage',
    title: '/etc/fstab mounts filesystems of the network, which an isolated test may not reach.',
    remedy: 'Give the entries the option `nofail`: else the boot may wait for them for minutes.',
    check: ({ fstab }) =>
      some(fstab.filter((row) => row.naming === 'network' && !mayFail(row)).map(told)),
  },
  {
    id: 'lvm-devices-file',
    severity: 'warning',
    about: 'storage',
    title: 'LVM looks only at the devices that /etc/lvm/devices/system.devices names by hardware.',
    remedy:
      'Launch a test instance. If volumes are missing there, empty the file on the source server ' +
      'or set use_devicesfile=0 in /etc/lvm/lvm.conf.',
    check: ({ storage }) => when(storage.hasLvmDevicesFile),
  },
  {
    id: 'root-space',
    severity: 'warning',
    about: 'storage',
    title: 'The root filesystem is nearly full.',
    remedy: `Free space on the source server: the conversion needs ${ROOT_SPARE_BYTES / MIB} MiB.`,
    check: ({ space }) =>
      space.root !== undefined && space.root.availableBytes < ROOT_SPARE_BYTES
        ? [`${Math.floor(space.root.availableBytes / MIB)} MiB are free`]
        : undefined,
  },
]

function told(row: FstabEntry | CrypttabEntry): string {
  return 'folder' in row ? `${row.device} at ${row.folder}` : `${row.name} on ${row.device}`
}

function isSystem(folder: string): boolean {
  return SYSTEM_FOLDERS.has(folder)
}

/** The boot goes on without it. */
function mayFail({ options }: FstabEntry): boolean {
  return options.some((option) => /^(nofail|noauto|x-systemd\.automount)$/.test(option))
}

function missingDisks({ disks = [] }: FstabEntry, context: PreflightContext): string[] {
  return disks.filter((name) => !context.disks.some((disk) => disk.deviceName === name))
}

/** A disk by a name that nobody replicates by, such as that of a path to it, is not judged. */
function outsideReplication(
  { live }: GuestFacts,
  { disks }: PreflightContext,
  ofSystem: boolean,
): string[] {
  const replicated = new Set(disks.map((disk) => disk.deviceName))
  return (live?.mounts ?? []).flatMap(({ folder, disks: under, layers }) => {
    if (isSystem(folder) !== ofSystem || layers.includes('multipath')) return []
    const missing = under.filter((name) => !replicated.has(name) && canBeReplicated(name))
    return missing.map((name) => `${folder} on ${name}`)
  })
}

function closedFilesystems({ live, fstab }: GuestFacts, ofSystem: boolean): string[] {
  const used = [...(live?.mounts ?? []), ...fstab]
  const found = used.filter(({ folder, type }) => {
    return isSystem(folder) === ofSystem && CLOSED_TYPES.has(type)
  })
  return [...new Set(found.map(({ folder, type }) => `${folder} is ${type}`))]
}

function networkRoots({ live, fstab, boot }: GuestFacts): string[] {
  const used = [...(live?.mounts ?? []), ...fstab]
  const found = used.filter(({ folder, type }) => folder === '/' && NETWORK_TYPES.has(type))
  const words = (boot.commandLine ?? '').split(/\s+/)
  const options = words.filter((word) =>
    /^(root=(nfs|\/dev\/nfs|iscsi)|nfsroot=|netroot=|rd\.iscsi\.|iscsi_)/.test(word),
  )
  return [...new Set([...found.map(({ type }) => `/ is ${type}`), ...options])]
}

function encryptedRoots({ live, boot }: GuestFacts): string[] {
  const mounts = live?.mounts.filter(({ folder, layers }) => {
    return isSystem(folder) && layers.includes('luks')
  })
  // Where nothing runs, the command line tells: without a word there it is not asked for.
  if (mounts === undefined) return [...boot.cryptDevices]
  return mounts.map(({ folder, device }) => `${folder} on ${device}`)
}
