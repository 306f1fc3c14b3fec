import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@landfall/model'
import { deletePoint } from '../points/delete-point.ts'
import { describePoint } from '../points/points.ts'
import type { QemuVolumeSet } from './qemu-volumes.ts'
import { withGrown } from './requested-disks.ts'
import type { ServerStorage } from './server-storage.ts'
import { somePoint } from './staging-volume.contract.ts'
import { openTestArea, type TestArea } from './test-area.ts'
import { assertHeaders, ready } from './test-promises.ts'
import { bytesOf } from './test-read.ts'

const MIB = 1024 * 1024
const TIB = MIB * MIB
const SDA = { deviceName: '/dev/sda', sizeBytes: 16 * MIB }
const SDB = { deviceName: '/dev/sdb', sizeBytes: 16 * MIB }
const GROWN = { ...SDA, sizeBytes: 24 * MIB + 512 }

async function openServer(test: TestArea): Promise<string> {
  const id = newId('sourceServer')
  await test.area.createVolumes(id, [SDA, SDB])
  return id
}

/** As a new process after the old one has ended. */
async function restart(test: TestArea): Promise<void> {
  await test.area[Symbol.asyncDispose]()
  await test.reopen()
}

async function fill(set: QemuVolumeSet, index: number, range: [number, number], value: number) {
  const [offset, length] = range
  await set.volume(index).write(offset, Buffer.alloc(length, value))
  await set.flush()
}

/** The first bytes at some offsets of a disk at a point, and its size. */
async function seen(set: QemuVolumeSet, pointID: string, index: number, offsets: number[]) {
  await using reader = await set.openPoint(pointID, index)
  const bytes: number[] = []
  for (const offset of offsets) bytes.push((await bytesOf(reader, offset, 1))[0] ?? -1)
  return { sizeBytes: reader.sizeBytes, bytes }
}

async function sizesIn({ store }: ServerStorage, pointID: string): Promise<number[]> {
  return (await describePoint(store, pointID)).disks.map((disk) => disk.sizeBytes)
}

test('a volume grows with its disk: new space is zeros, points of before keep their size', async (t) => {
  const test = await openTestArea(t)
  const id = await openServer(test)
  let set = await ready(test.area.get(id))
  await fill(set, 0, [15 * MIB, MIB], 1)
  const oldest = await set.createPoint(somePoint())
  const before = await set.createPoint(somePoint())
  await test.area.growVolumes(id, [GROWN, SDB])
  await test.area.growVolumes(id, [GROWN, SDB])
  set = await ready(test.area.get(id))
  assert.equal(set.volume(0).sizeBytes, GROWN.sizeBytes)
  const added = await bytesOf(set.volume(0), 16 * MIB, 8 * MIB + 512)
  assert.ok(Buffer.alloc(8 * MIB + 512).equals(added))
  await fill(set, 0, [24 * MIB, 512], 2)
  const after = await set.createPoint(somePoint())
  await fill(set, 0, [24 * MIB, 512], 3)

  // The smaller layer takes up the larger one above it.
  await deletePoint(test.area, { sourceServerID: id, pointID: oldest.pointID })
  await deletePoint(test.area, { sourceServerID: id, pointID: before.pointID })
  await set.createPoint(somePoint())
  await restart(test)
  const server = test.area.get(id)
  set = await ready(server)
  assert.deepEqual(await sizesIn(server, after.pointID), [GROWN.sizeBytes, SDB.sizeBytes])
  assert.deepEqual(await seen(set, after.pointID, 0, [15 * MIB, 16 * MIB, 24 * MIB]), {
    sizeBytes: GROWN.sizeBytes,
    bytes: [1, 0, 2],
  })
  assert.equal((await bytesOf(set.volume(0), 24 * MIB, 1))[0], 3)
  await assertHeaders(server)
})

test('a point of before a growth is read and described with the size it had', async (t) => {
  const test = await openTestArea(t)
  const id = await openServer(test)
  const { pointID } = await (await ready(test.area.get(id))).createPoint(somePoint())
  await test.area.growVolumes(id, [GROWN, SDB])
  await restart(test)
  const server = test.area.get(id)
  const point = await seen(await ready(server), pointID, 0, [0])
  assert.equal(point.sizeBytes, SDA.sizeBytes)
  assert.deepEqual(await sizesIn(server, pointID), [SDA.sizeBytes, SDB.sizeBytes])
})

test('a growth that was recorded and not done is done at the next start', async (t) => {
  const test = await openTestArea(t)
  const id = await openServer(test)
  const server = test.area.get(id)
  await fill(await ready(server), 0, [0, MIB], 5)
  // As after a crash right behind the record.
  await server.stop()
  await server.store.update((record) => withGrown(record, [GROWN, SDB]))
  await restart(test)
  const set = await ready(test.area.get(id))
  assert.equal(set.volume(0).sizeBytes, GROWN.sizeBytes)
  assert.equal((await bytesOf(set.volume(0), 0, 1))[0], 5)
  await fill(set, 0, [24 * MIB, 512], 6)
})

test('a disk that is left out keeps its points until they go, and may come back as new', async (t) => {
  const test = await openTestArea(t)
  const id = await openServer(test)
  let set = await ready(test.area.get(id))
  await fill(set, 1, [0, MIB], 1)
  const both = await set.createPoint(somePoint())
  await fill(set, 1, [0, MIB], 2)
  await test.area.createVolumes(id, [SDA])
  await test.area.createVolumes(id, [SDA])
  set = await ready(test.area.get(id))
  const one = await set.createPoint(somePoint())
  assert.deepEqual(
    one.disks.map((disk) => disk.deviceName),
    ['/dev/sda'],
  )
  await assert.rejects(set.openPoint(one.pointID, 1), { code: 'not_found' })
  assert.deepEqual((await seen(set, both.pointID, 1, [0])).bytes, [1])

  await test.area.createVolumes(id, [SDA, SDB])
  set = await ready(test.area.get(id))
  assert.deepEqual(
    set.describe().map(({ retired, pristine }) => ({ retired: retired === true, pristine })),
    [
      { retired: false, pristine: true },
      { retired: true, pristine: false },
      { retired: false, pristine: true },
    ],
  )
  await fill(set, 2, [0, MIB], 3)
  const again = await set.createPoint(somePoint())
  assert.deepEqual((await seen(set, again.pointID, 2, [0])).bytes, [3])

  await deletePoint(test.area, { sourceServerID: id, pointID: both.pointID })
  const { store } = test.area.get(id)
  while ((await readdir(store.folder)).some((name) => name.startsWith('1-'))) await sleep(20)
  set = await ready(test.area.get(id))
  assert.deepEqual((await seen(set, again.pointID, 2, [0])).bytes, [3])
  await restart(test)
  set = await ready(test.area.get(id))
  assert.equal((await set.createPoint(somePoint())).disks.length, 2)
})

test('a disk that has shrunk begins anew, and an earlier request changes nothing', async (t) => {
  const test = await openTestArea(t)
  const id = await openServer(test)
  let set = await ready(test.area.get(id))
  await fill(set, 0, [0, MIB], 1)
  const { pointID } = await set.createPoint(somePoint())
  await test.area.growVolumes(id, [GROWN, SDB])
  await test.area.createVolumes(id, [SDA, SDB])
  assert.equal((await ready(test.area.get(id))).describe().length, 2)
  await test.area.createVolumes(id, [GROWN, SDB])
  await test.area.createVolumes(id, [SDA, SDB])
  set = await ready(test.area.get(id))
  const active = set.describe().filter(({ retired }) => !retired)
  assert.deepEqual(
    active.map(({ deviceName, sizeBytes, pristine }) => ({ deviceName, sizeBytes, pristine })),
    [
      { ...SDB, pristine: true },
      { ...SDA, pristine: true },
    ],
  )
  assert.deepEqual((await seen(set, pointID, 0, [0])).bytes, [1])
})

test('a volume of 16 TiB takes writes at its end, points and a reopening; a larger one is refused', async (t) => {
  const test = await openTestArea(t)
  const id = newId('sourceServer')
  const sizeBytes = 16 * TIB
  const disk = { deviceName: '/dev/sda', sizeBytes }
  await assert.rejects(test.area.createVolumes(id, [{ ...disk, sizeBytes: sizeBytes + 512 }]), {
    code: 'validation',
    message: /--devices/,
  })
  await test.area.createVolumes(id, [disk])
  let set = await ready(test.area.get(id))
  await fill(set, 0, [sizeBytes - MIB, MIB], 1)
  const { pointID } = await set.createPoint(somePoint())
  await fill(set, 0, [sizeBytes - 4096, 4096], 2)
  await set.volume(0).writeZeroes(0, 1024 * MIB)
  await restart(test)
  set = await ready(test.area.get(id))
  assert.equal((await bytesOf(set.volume(0), sizeBytes - 1, 1))[0], 2)
  assert.deepEqual(
    (await seen(set, pointID, 0, [0, sizeBytes - MIB - 1, sizeBytes - 1])).bytes,
    [0, 0, 1],
  )
})
