import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryGuest, readGuestFacts, type GuestFacts } from '@landfall/guest'
import type { PreflightCounts, PreflightReport } from '@landfall/model'
import { PROPERTIES, createTestService } from '../test-service.ts'
import { guestFacts } from './facts-schema.ts'

const AT = '2026-01-10T08:00:00.000Z'

const SPARSE = await readGuestFacts(
  new MemoryGuest({ '/etc/os-release': 'ID=debian\n', '/etc/fstab': '/dev/sdc1 /srv ext4\n' }),
)

/** Everything that facts can have. */
const FULL: GuestFacts = {
  ...SPARSE,
  architecture: 'x86_64',
  kernels: [
    {
      version: '6.1.0-1',
      imagePath: '/boot/vmlinuz-6.1.0-1',
      initramfs: {
        path: '/boot/initrd.img-6.1.0-1',
        sizeBytes: 30_000_000,
        contents: { kind: 'read', modules: ['virtio_blk', 'virtio_pci'] },
      },
      builtin: [],
      loadable: ['virtio_blk', 'virtio_console', 'virtio_net', 'virtio_pci'],
    },
    { version: '6.0', imagePath: '/efi/EFI/Linux/6.efi', isUnified: true, builtin: [] },
  ],
  defaultKernel: { kind: 'known', version: '6.1.0-1', decidedBy: 'grub' },
  initramfsGenerators: [{ name: 'dracut', isHostOnly: true, addedDrivers: ['virtio_blk'] }],
  boot: {
    loaders: ['grub-bios'],
    esp: {
      folder: '/boot/efi',
      hasFallback: true,
      hasShim: false,
      loaders: [{ path: '/boot/efi/EFI/BOOT/BOOTX64.EFI', isSigned: true }],
    },
    commandLine: 'root=/dev/sda1',
    root: '/dev/sda1',
    resume: 'UUID=1',
    cryptDevices: [],
    consoles: ['ttyS0'],
  },
  crypttab: [{ name: 'a', device: 'UUID=2', key: '/etc/key', options: ['luks'] }],
  selinux: 'permissive',
  space: { root: { totalBytes: 1e10, availableBytes: 1e9 } },
  live: {
    firmware: 'bios',
    isSecureBoot: false,
    kernel: '6.1.0-1',
    mounts: [
      { device: '/dev/sdc1', folder: '/srv', type: 'ext4', disks: ['/dev/sdc'], layers: [] },
    ],
  },
}

test('facts pass the check of their shape unchanged', () => {
  for (const facts of [SPARSE, FULL]) assert.deepEqual(guestFacts.parse(facts), facts)
})

test('what the agent saw is held against the disks that are replicated when somebody asks', async (t) => {
  const service = await createTestService(t)
  const id = await service.register()
  const preflight = () => service.call<PreflightReport>('GetPreflight', { sourceServerID: id })
  const counts = () =>
    service.call<{ counts: Record<string, PreflightCounts> }>('ListPreflightCounts', {
      sourceServerIDs: [id],
    })
  assert.deepEqual(await preflight(), { sourceServerID: id, live: null, point: null, findings: [] })
  assert.deepEqual(await counts(), { counts: {} })

  const tell = (facts: GuestFacts) =>
    service.asAgent('UpdateAgentSourceProperties', {
      sourceServerID: id,
      guest: { lookedAt: AT, facts },
    } as { sourceServerID: string })
  await tell(FULL)
  const found = await preflight()
  assert.deepEqual(found.live, { lookedAt: AT })
  const rules = (report: PreflightReport) => report.findings.map(({ rule }) => rule)
  assert.deepEqual(rules(found), [
    'data-disk-not-replicated',
    'network-settings-unknown',
    'no-systemd',
    'command-line-by-hardware-name',
    'fstab-by-hardware-name',
  ])
  assert.deepEqual(found.findings[0]?.details, ['/srv on /dev/sdc'])
  assert.deepEqual(found.findings[0]?.sources, ['LIVE'])
  assert.deepEqual((await counts()).counts[id], { blocker: 0, warning: 3, information: 2 })

  // The disk is replicated now: the same facts, another answer.
  const disk = { deviceName: '/dev/sdc', bytes: 1024, isBootDisk: false }
  const sourceProperties = { ...PROPERTIES, disks: [...PROPERTIES.disks, disk] }
  await service.asAgent('UpdateAgentSourceProperties', {
    sourceServerID: id,
    sourceProperties,
  } as { sourceServerID: string })
  assert.ok(!rules(await preflight()).includes('data-disk-not-replicated'))

  await tell({ ...FULL, architecture: 'aarch64' })
  assert.equal((await preflight()).findings[0]?.rule, 'other-architecture')
  assert.equal((await counts()).counts[id]?.blocker, 1)
})

test('what a launch would be refused for is told before it, and what the host cannot give', async (t) => {
  const service = await createTestService(t)
  const cpus = [{ cores: 16, modelName: 'big' }]
  const id = await service.register({ sourceProperties: { ...PROPERTIES, cpus } })
  const server = { sourceServerID: id }
  await service.asAgent('UpdateAgentSourceProperties', {
    ...server,
    guest: { lookedAt: AT, facts: SPARSE },
  } as { sourceServerID: string })
  const told = async (rule: string) => {
    const { findings } = await service.call<PreflightReport>('GetPreflight', server)
    return findings.find((finding) => finding.rule === rule)?.details
  }
  assert.deepEqual(await told('instance-smaller'), ['2 of 16 CPUs'])
  assert.equal(await told('launch-refused'), undefined)

  // The agent has not told its settings; a test would be refused for it, and a cutover.
  await service.call('UpdateLaunchConfiguration', { ...server, copyPrivateIp: true })
  assert.match((await told('launch-refused'))?.join() ?? '', /^[^.]*copyPrivateIp[^.]*settings/)
  const { counts } = await service.call<{ counts: Record<string, PreflightCounts> }>(
    'ListPreflightCounts',
    { sourceServerIDs: [id] },
  )
  assert.equal(counts[id]?.blocker, 1)
  await service.call('UpdateLaunchConfiguration', { ...server, copyPrivateIp: false })
  assert.equal(await told('launch-refused'), undefined)
})

test('facts that are too large, or of another server, are refused', async (t) => {
  const service = await createTestService(t)
  const id = await service.register()
  const other = await service.register()
  const input = (facts: object) => ({ sourceServerID: id, guest: { lookedAt: AT, facts } })
  const guestAgents = Array.from({ length: 201 }, (_, index) => `agent ${index}`)
  await assert.rejects(
    service.asAgent('UpdateAgentSourceProperties', input({ ...FULL, guestAgents })),
    /guest\.facts\.guestAgents/,
  )
  const caller = { kind: 'agent', sourceServerID: other } as const
  await assert.rejects(
    service.callForMgn('UpdateAgentSourceProperties', input(FULL), caller),
    /Only the agent of/,
  )
  await assert.rejects(service.call('GetPreflight', { sourceServerID: 's-00000000000000000' }))
})
