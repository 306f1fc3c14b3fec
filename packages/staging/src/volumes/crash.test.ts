import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { newId } from '@landfall/model'
import { pinPoint, unpinPoint } from '../points/pins.ts'
import { createLayer } from './layer-files.ts'
import type { QemuVolumeSet } from './qemu-volumes.ts'
import { somePoint } from './staging-volume.contract.ts'
import { openTestArea } from './test-area.ts'
import {
  assertKept,
  daemonPid,
  DISK_BYTES,
  DISKS,
  openServer,
  ready,
  SLOT_BYTES,
  SLOTS,
  type Promised,
} from './test-promises.ts'
import { bytesOf } from './test-read.ts'

const run = promisify(execFile)
const MIB = 1024 * 1024

/**
 * Writes rising numbers to random slots, flushes, and takes a point with every third round, until
 * it fails. Calls `onRounds` after some rounds.
 */
async function load(set: QemuVolumeSet, promised: Promised, onRounds: () => void): Promise<void> {
  const rounds = 3 + Math.floor(Math.random() * 5)
  for (let round = 1; ; round++) {
    if (round === rounds) onRounds()
    const written = Array.from({ length: 32 }, () => ({
      disk: Math.floor(Math.random() * 2),
      slot: Math.floor(Math.random() * SLOTS),
      number: promised.next++,
    }))
    const latest = new Map(written.map((write) => [`${write.disk}/${write.slot}`, write]))
    await Promise.all(
      [...latest.values()].map(({ disk, slot, number }) => {
        const block = Buffer.alloc(SLOT_BYTES)
        block.writeUInt32BE(number)
        return set.volume(disk).write(slot * SLOT_BYTES, block)
      }),
    )
    await set.flush()
    for (const { disk, slot, number } of latest.values()) {
      const slots = promised.slots[disk]
      if (slots !== undefined) slots[slot] = number
    }
    if (round % 3 !== 0) continue
    const content = promised.slots.map((slots) => slots.slice())
    const { pointID } = await set.createPoint(somePoint())
    promised.points.set(pointID, content)
  }
}

test('ten kills of the daemon under load lose no flushed write and no point', async (t) => {
  const test = await openTestArea(t)
  const server = await openServer(test)
  const slots = [new Uint32Array(SLOTS), new Uint32Array(SLOTS)]
  const promised: Promised = { slots, points: new Map(), next: 1 }
  for (let kill = 0; kill < 10; kill++) {
    const set = await ready(server)
    const pid = await daemonPid(test, server)
    const loading = load(set, promised, () => {
      setTimeout(() => process.kill(pid, 'SIGKILL'), Math.random() * 100)
    })
    await assert.rejects(loading)
    await set.lost
    await assertKept(await ready(server), promised)
  }
  for (const { layers } of server.record.volumes) {
    assert.ok(layers.length <= promised.points.size + 1, 'no layer without its point')
  }
})

test('a point that was interrupted is undone, and only its own files are removed', async (t) => {
  const test = await openTestArea(t)
  const server = await openServer(test)
  const set = await ready(server)
  await set.volume(0).write(0, Buffer.alloc(SLOT_BYTES, 1))
  await set.createPoint(somePoint())
  await set.volume(0).write(0, Buffer.alloc(SLOT_BYTES, 2))
  const { store } = server
  await server.stop()

  // As after a crash between the intent and the record of the point: one overlay whole, one torn.
  const files = ['0-0002.qcow2', '1-0002.qcow2']
  await store.update((record) => ({ ...record, intent: { files } }))
  const whole = { path: store.pathOf(files[0] ?? ''), sizeBytes: DISK_BYTES }
  await createLayer({ ...whole, backingPath: store.pathOf('0-0001.qcow2') })
  await writeFile(store.pathOf(files[1] ?? ''), 'torn')
  await writeFile(store.pathOf('foreign.qcow2'), 'not ours')

  await test.reopen()
  const reopened = test.area.get(server.record.sourceServerID)
  const after = await ready(reopened)
  for (const file of files) await assert.rejects(stat(store.pathOf(file)), { code: 'ENOENT' })
  assert.equal(await readFile(store.pathOf('foreign.qcow2'), 'utf8'), 'not ours')
  assert.equal((await bytesOf(after.volume(0), 0, 1))[0], 2)
  const { pointID } = await after.createPoint(somePoint())
  await using reader = await after.openPoint(pointID, 0)
  assert.equal((await bytesOf(reader, 0, 1))[0], 2)
  assert.equal(reopened.record.points.length, 2)
})

test('volumes are made once, and one more is added', async (t) => {
  const test = await openTestArea(t)
  const server = await openServer(test)
  const id = server.record.sourceServerID
  await (await ready(server)).volume(0).write(0, Buffer.alloc(SLOT_BYTES, 4))
  await (await ready(server)).createPoint(somePoint())
  await test.area.createVolumes(id, DISKS)
  await test.area.createVolumes(id, [...DISKS, { deviceName: '/dev/sdc', sizeBytes: 4 * MIB }])
  const set = await ready(test.area.get(id))
  assert.equal(set.describe().length, 3)
  assert.equal((await bytesOf(set.volume(0), 0, 1))[0], 4)
  const { disks } = await set.createPoint(somePoint())
  assert.equal(disks.length, 3)
})

test('a pinned point keeps the volumes from being deleted', async (t) => {
  const test = await openTestArea(t)
  const server = await openServer(test)
  const id = server.record.sourceServerID
  const { pointID } = await (await ready(server)).createPoint(somePoint())
  const pinID = newId('instance')
  const disks = await pinPoint(test.area, { sourceServerID: id, pointID, pinID })
  assert.deepEqual(disks, await pinPoint(test.area, { sourceServerID: id, pointID, pinID }))
  await assert.rejects(
    test.area.deleteVolumes(id, async () => undefined),
    { code: 'conflict' },
  )
  await unpinPoint(test.area, pinID)
  await test.area.deleteVolumes(id, async () => undefined)
  await test.area.deleteVolumes(id, async () => undefined)
  await assert.rejects(stat(join(test.folder, 'staging', id)), { code: 'ENOENT' })
  assert.equal(test.area.find(id), undefined)
})

test('a full disk fails the write or the point, and all is well with space again', async (t) => {
  const test = await openTestArea(t)
  const mountPoint = join(test.folder, 'staging')
  await run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint])
  test.atEnd.push(() => run('umount', [mountPoint]))
  const server = await openServer(test)
  const set = await ready(server)
  const first = await set.createPoint(somePoint())
  await set.volume(0).write(0, Buffer.alloc(8 * MIB, 1))
  await set.flush()
  const ballast = join(mountPoint, 'ballast')
  await run('sh', ['-c', `dd if=/dev/zero of=${ballast} bs=64k 2>/dev/null || true`])
  await assert.rejects(set.volume(1).write(0, Buffer.alloc(8 * MIB, 2)), { kind: 'no_space' })
  await assert.rejects(set.createPoint(somePoint()), { kind: 'no_space' })
  assert.equal((await bytesOf(set.volume(0), 0, 1))[0], 1)
  await run('rm', [ballast])
  await set.volume(1).write(0, Buffer.alloc(4 * MIB, 3))
  await set.flush()
  const second = await set.createPoint(somePoint())
  await using reader = await set.openPoint(second.pointID, 1)
  assert.equal((await bytesOf(reader, 0, 1))[0], 3)
  await using before = await set.openPoint(first.pointID, 0)
  assert.equal((await bytesOf(before, 0, 1))[0], 0)
})
