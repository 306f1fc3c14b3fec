import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { GuestFacts, LiveFacts } from '../facts/guest-facts.ts'
import { IMAGE, VERSION, debian, ramdisk, unifiedDebian } from '../facts/guest.fixture.ts'
import { readGuestFacts } from '../facts/read-guest-facts.ts'
import { MemoryGuest } from '../memory-guest.ts'
import { withRules } from './preflight-page.ts'
import type { PreflightContext } from './rule.ts'
import { PREFLIGHT_RULES } from './rules.ts'
import { runPreflight } from './run-preflight.ts'

const CONTEXT: PreflightContext = {
  disks: [{ deviceName: '/dev/sda', isBootDisk: true, bytes: 2 ** 33 }],
  firmware: 'bios',
  hasPassphrase: false,
  launch: {
    problems: [],
    sizes: { asked: { vcpus: 3, memoryMiB: 4000 }, given: { vcpus: 4, memoryMiB: 8192 } },
  },
}

const ROOT_MOUNT: LiveFacts['mounts'][number] = {
  device: '/dev/sda1',
  folder: '/',
  type: 'ext4',
  disks: ['/dev/sda'],
  layers: [],
}

const LIVE: LiveFacts = {
  firmware: 'bios',
  isSecureBoot: false,
  kernel: VERSION,
  mounts: [ROOT_MOUNT],
}

const HEALTHY: GuestFacts = {
  ...(await readGuestFacts(new MemoryGuest(debian()))),
  live: LIVE,
}

const WITHOUT_DRIVERS: GuestFacts = {
  ...HEALTHY,
  ...(({ kernels }) => ({ kernels }))(
    await readGuestFacts(
      new MemoryGuest({ ...debian(), [`/boot/initrd.img-${VERSION}`]: ramdisk(['sd_mod']) }),
    ),
  ),
}

/** What is another in a guest that boots from a unified image. */
async function inUnifiedImage(modules: readonly string[], commandLine?: string) {
  const { kernels, boot: started } = await readGuestFacts(
    new MemoryGuest(unifiedDebian(modules, commandLine)),
  )
  return { kernels, boot: started }
}

const NO_SPACE = { totalBytes: 500_000_000, availableBytes: 1_000_000 }

interface Case {
  readonly facts?: Partial<GuestFacts>
  readonly context?: Partial<PreflightContext>
  /** What the finding must tell. */
  readonly tells?: string
  /** Rules that rightly find something in it, too. */
  readonly also?: readonly string[]
}

const boot = (changes: Partial<GuestFacts['boot']>) => ({ boot: { ...HEALTHY.boot, ...changes } })
const live = (changes: Partial<LiveFacts>) => ({ live: { ...LIVE, ...changes } })
const mounted = (changes: Partial<LiveFacts['mounts'][number]>) =>
  live({ mounts: [{ ...ROOT_MOUNT, ...changes }] })
const fstab = (changes: Partial<GuestFacts['fstab'][number]>) => ({
  fstab: [
    {
      device: 'UUID=1',
      folder: '/srv',
      type: 'ext4',
      options: ['defaults'],
      naming: 'stable' as const,
      ...changes,
    },
  ],
})
const esp = { folder: '/boot/efi', hasFallback: true, hasShim: false, loaders: [] }

/** For every rule the least that makes it apply to a server that was in order. */
const CASES: Readonly<Record<string, Case>> = {
  'kernel-without-virtio': {
    facts: {
      kernels: HEALTHY.kernels.map((kernel) => ({
        ...kernel,
        loadable: ['virtio_pci', 'virtio_console'],
      })),
    },
    tells: `kernel ${VERSION} lacks virtio_blk, virtio_net`,
  },
  'ramdisk-without-drivers': {
    facts: { kernels: WITHOUT_DRIVERS.kernels, initramfsGenerators: [{ name: 'mkinitcpio' }] },
    tells: `kernel ${VERSION} lacks virtio_pci, virtio_blk`,
  },
  'unified-image-without-drivers': {
    facts: await inUnifiedImage(['virtio_pci']),
    tells: `${IMAGE} lacks virtio_blk`,
  },
  'unified-image-by-hardware-name': {
    facts: {
      ...(await inUnifiedImage(['virtio_pci', 'virtio_blk'], 'root=/dev/sda2 console=ttyS0')),
      crypttab: [{ name: 'data', device: '/dev/sdb1', key: '/etc/key', options: [] }],
    },
    tells: 'root=/dev/sda2\ndata on /dev/sdb1',
  },
  'ramdisk-is-rebuilt': { facts: { kernels: WITHOUT_DRIVERS.kernels } },
  'drivers-unknown': {
    facts: { defaultKernel: { kind: 'known', version: VERSION, decidedBy: 'newest' } },
    tells: 'because it is the newest',
  },
  'default-kernel-unclear': {
    facts: { defaultKernel: { kind: 'unclear', why: 'there is no kernel in /boot' } },
    tells: 'there is no kernel in /boot.',
  },
  'other-kernel-boots': { facts: live({ kernel: '5.10.0-1' }), tells: `next ${VERSION}` },
  'kernel-old': {
    facts: {
      defaultKernel: { kind: 'known', version: '2.6.32-754', decidedBy: 'grub' },
      kernels: HEALTHY.kernels.map((kernel) => ({ ...kernel, version: '2.6.32-754' })),
      ...live({ kernel: '2.6.32-754' }),
    },
  },
  'boot-loader-unknown': { facts: boot({ loaders: [] }) },
  'boot-loader-old': { facts: boot({ loaders: ['extlinux'] }), tells: 'extlinux' },
  'no-boot-disk': {
    context: { disks: [{ deviceName: '/dev/sda', isBootDisk: false, bytes: 2 ** 33 }] },
  },
  'efi-partition-unknown': { context: { firmware: 'uefi' } },
  'efi-without-fallback': {
    facts: boot({ esp: { ...esp, hasFallback: false } }),
    context: { firmware: 'uefi' },
  },
  'secure-boot-unsigned': {
    facts: { ...boot({ esp: { ...esp, hasShim: true } }), ...live({ isSecureBoot: true }) },
    context: { firmware: 'uefi' },
  },
  'boot-space-for-ramdisk': {
    facts: { kernels: WITHOUT_DRIVERS.kernels, space: { boot: NO_SPACE } },
    tells: '1 MiB are free, 21 MiB are needed',
    also: ['ramdisk-is-rebuilt'],
  },
  'boot-space': { facts: { space: { boot: NO_SPACE } } },
  'command-line-by-hardware-name': { facts: boot({ resume: '/dev/sda5' }), tells: '/dev/sda5' },
  'no-virtio-console': {
    facts: {
      kernels: HEALTHY.kernels.map((kernel) => ({
        ...kernel,
        loadable: ['virtio_pci', 'virtio_blk', 'virtio_net'],
      })),
    },
  },
  'names-by-path': {
    facts: fstab({ device: '/dev/disk/by-path/pci-1', naming: 'path' }),
    tells: '/dev/disk/by-path/pci-1 at /srv',
  },
  'no-serial-console': { facts: boot({ consoles: ['tty0'] }) },
  'system-disk-not-replicated': {
    facts: mounted({ folder: '/boot', disks: ['/dev/sdb'] }),
    tells: '/boot on /dev/sdb',
  },
  'data-disk-not-replicated': {
    facts: mounted({ folder: '/srv', disks: ['/dev/sdb'] }),
    tells: '/srv on /dev/sdb',
  },
  'root-filesystem-unsupported': { facts: mounted({ type: 'zfs' }), tells: '/ is zfs' },
  'data-filesystem-unknown': { facts: fstab({ type: 'bcachefs' }), tells: '/srv is bcachefs' },
  'root-on-network': { facts: boot({ commandLine: 'root=/dev/nfs' }), tells: 'root=/dev/nfs' },
  'root-encrypted': { facts: mounted({ layers: ['luks'] }), tells: '/ on /dev/sda1' },
  'passphrase-at-boot': {
    facts: { crypttab: [{ name: 'data', device: 'UUID=1', key: 'none', options: ['luks'] }] },
    tells: 'data on UUID=1',
  },
  'key-in-hardware': {
    facts: {
      crypttab: [{ name: 'a', device: 'UUID=1', key: 'none', options: ['tpm2-device=auto'] }],
    },
    tells: 'a on UUID=1',
  },
  'crypttab-by-hardware-name': {
    facts: { crypttab: [{ name: 'data', device: '/dev/sdb1', key: '/etc/key', options: [] }] },
    tells: '/dev/sdb1',
  },
  'multipath-root': { facts: mounted({ layers: ['multipath'] }) },
  'fstab-by-hardware-name': {
    facts: fstab({ device: '/dev/sda2', naming: 'hardware', disks: ['/dev/sda'] }),
    tells: '/dev/sda2 at /srv',
  },
  'fstab-disk-not-replicated': { facts: fstab({ disks: ['/dev/sdc'] }), tells: '(/dev/sdc)' },
  'fstab-network': { facts: fstab({ device: 'nas:/a', type: 'nfs', naming: 'network' }) },
  'lvm-devices-file': { facts: { storage: { ...HEALTHY.storage, hasLvmDevicesFile: true } } },
  'root-space': { facts: { space: { root: NO_SPACE } }, tells: '0 MiB are free' },
  'network-settings-unknown': { facts: { network: { managers: [], staticFiles: [] } } },
  'static-address': {
    facts: { network: { managers: ['ifupdown'], staticFiles: ['/etc/network/interfaces'] } },
    tells: '/etc/network/interfaces',
  },
  'other-architecture': { facts: { architecture: 'aarch64' }, tells: 'aarch64' },
  'system-unknown': {},
  'no-systemd': { facts: { hasSystemd: false } },
  'selinux-enforcing': { facts: { selinux: 'enforcing' } },
  'launch-refused': {
    context: { launch: { problems: ['There is no instance type x.'] } },
    tells: 'no instance type x',
  },
  'instance-smaller': {
    context: {
      launch: {
        problems: [],
        sizes: { asked: { vcpus: 8, memoryMiB: 16384 }, given: { vcpus: 2, memoryMiB: 4096 } },
      },
    },
    tells: '2 of 8 CPUs\n4096 of 16384 MiB',
  },
  'disk-too-large': {
    context: { disks: [{ deviceName: '/dev/sda', isBootDisk: true, bytes: 17 * 2 ** 40 }] },
    tells: '/dev/sda has 17.0 TiB',
  },
  'too-many-disks': {
    facts: mounted({ folder: '/srv', disks: Array.from({ length: 50 }, (_, n) => `/dev/sd${n}`) }),
    tells: '51 disks',
    also: ['data-disk-not-replicated'],
  },
  'other-guest-agents': { facts: { guestAgents: ['VMware Tools'] }, tells: 'VMware Tools' },
}

test('a server that is in order has no findings', () => {
  assert.deepEqual(runPreflight(HEALTHY, CONTEXT), [])
})

for (const { id, severity } of PREFLIGHT_RULES) {
  test(`the rule ${id} applies where it should, and no other does`, () => {
    const found = CASES[id]
    assert.ok(found, 'give it a case')
    const facts: GuestFacts = { ...HEALTHY, ...found.facts }
    const { os: _, ...withoutOs } = facts
    const findings = runPreflight(id === 'system-unknown' ? withoutOs : facts, {
      ...CONTEXT,
      ...found.context,
    })
    assert.deepEqual(
      findings.map(({ rule }) => rule).toSorted(),
      [id, ...(found.also ?? [])].toSorted(),
    )
    const finding = findings.find(({ rule }) => rule === id)
    assert.equal(finding?.severity, severity)
    const details = finding?.details.join('\n') ?? ''
    assert.ok(details.includes(found.tells ?? ''), details)
  })
}

test('a unified image with the drivers is no finding, whoever starts it', async () => {
  const files = unifiedDebian(['virtio_pci', 'virtio_blk'])
  const { '/boot/efi/EFI/systemd/systemd-bootx64.efi': _, [IMAGE]: image = '', ...without } = files
  for (const guest of [files, { ...without, '/boot/efi/EFI/BOOT/BOOTX64.EFI': image }]) {
    const facts = await readGuestFacts(new MemoryGuest(guest))
    assert.deepEqual(runPreflight({ ...facts, live: LIVE }, CONTEXT), [])
  }
})

test('a passphrase that is known lets an encrypted system through', () => {
  const facts = { ...HEALTHY, ...mounted({ layers: ['luks'] as const }) }
  assert.deepEqual(runPreflight(facts, { ...CONTEXT, hasPassphrase: true }), [])
})

test('files that are mounted are not counted among the disks', () => {
  const loops = Array.from({ length: 60 }, (_, n) => `/dev/loop${n}`)
  assert.deepEqual(runPreflight({ ...HEALTHY, ...mounted({ disks: loops }) }, CONTEXT), [])
})

test('what may fail at the boot without harm is no finding', () => {
  const rows = [
    ...fstab({ disks: ['/dev/sdc'], options: ['nofail'] }).fstab,
    ...fstab({ type: 'nfs', naming: 'network', options: ['_netdev', 'noauto'] }).fstab,
  ]
  assert.deepEqual(runPreflight({ ...HEALTHY, fstab: rows }, CONTEXT), [])
})

test('the most severe comes first', () => {
  const facts = { ...HEALTHY, architecture: 'arm', hasSystemd: false, guestAgents: ['x'] }
  assert.deepEqual(
    runPreflight(facts, CONTEXT).map(({ severity }) => severity),
    ['blocker', 'warning', 'information'],
  )
})

test('the page about preflight has the rules as they are', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../../docs/preflight.md'), 'utf8')
  assert.equal(page, withRules(page), 'run `npm run preflight-page`')
})

test('every rule has an ID of its own', () => {
  const ids = PREFLIGHT_RULES.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  assert.deepEqual(
    Object.keys(CASES).filter((id) => !ids.includes(id)),
    [],
  )
})
