import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driversNeeded } from './drivers-needed.ts'
import { VERSION, debian, kernelModules, ramdisk } from './facts/guest.fixture.ts'
import { readGuestFacts } from './facts/read-guest-facts.ts'
import { MemoryGuest } from './memory-guest.ts'

const RAMDISK = `/boot/initrd.img-${VERSION}`

async function neededBy(changes: Record<string, string>, options = {}) {
  return driversNeeded(await readGuestFacts(new MemoryGuest({ ...debian(), ...changes })), options)
}

test('a ramdisk with the drivers of virtio needs nothing', async () => {
  assert.deepEqual(await neededBy({}), { kind: 'none' })
})

test('a ramdisk without them needs those that the kernel has not built in', async () => {
  const changes = { [RAMDISK]: ramdisk(['sd_mod', 'ahci']) }
  assert.deepEqual(await neededBy(changes), {
    kind: 'initramfs',
    kernels: [VERSION],
    modules: ['virtio_pci', 'virtio_blk'],
  })
  const builtin = kernelModules(VERSION, { builtin: ['virtio_pci'] })
  assert.deepEqual(await neededBy({ ...changes, ...builtin }), {
    kind: 'initramfs',
    kernels: [VERSION],
    modules: ['virtio_blk'],
  })
})

test('a kernel with all built in needs no ramdisk to be read', async () => {
  const builtin = ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_console']
  const lists = kernelModules(VERSION, { builtin, loadable: [] })
  assert.deepEqual(await neededBy({ ...lists, [RAMDISK]: 'not a ramdisk' }), { kind: 'none' })
})

test('a disk behind virtio-scsi needs its driver too', async () => {
  assert.deepEqual(await neededBy({}, { usesScsi: true }), {
    kind: 'initramfs',
    kernels: [VERSION],
    modules: ['virtio_scsi'],
  })
})

test('a kernel that has no such driver anywhere cannot be helped by a ramdisk', async () => {
  const loadable = ['virtio_pci', 'virtio_blk', 'virtio_console']
  assert.deepEqual(await neededBy(kernelModules(VERSION, { loadable })), {
    kind: 'missing',
    kernels: [VERSION],
    modules: ['virtio_net'],
  })
})

test('nothing is said to be right that was not seen', async () => {
  const unread = await neededBy({ [RAMDISK]: 'not a ramdisk' })
  assert.ok(unread.kind === 'unknown')
  assert.match(unread.why, /cannot be read/)
  const noList = await neededBy({ [`/lib/modules/${VERSION}/modules.dep`]: '' })
  assert.equal(noList.kind, 'missing')
  const another = '6.2.0-1-amd64'
  const newest = await neededBy({
    '/boot/grub/grub.cfg': '',
    [`/boot/vmlinuz-${another}`]: '',
    [`/boot/initrd.img-${another}`]: ramdisk(['virtio_pci', 'virtio_blk']),
    ...kernelModules(another),
  })
  assert.ok(newest.kind === 'unknown')
  assert.match(newest.why, /only taken to boot because it is the newest/)
  const menu = await neededBy({ '/boot/grub/grub.cfg': "menuentry 'Memory test' {\nlinux16\n}" })
  assert.equal(menu.kind, 'unknown')
})
