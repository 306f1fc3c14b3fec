import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { newId } from '@landfall/model'
import { deletePoint } from '../points/delete-point.ts'
import { pinPoint, unpinPoint } from '../points/pins.ts'
import { undoMerge } from './merge-layers.ts'
import type { QemuVolumeSet } from './qemu-volumes.ts'
import type { ServerStorage } from './server-storage.ts'
import { somePoint } from './staging-volume.contract.ts'
import { openTestArea, type TestArea } from './test-area.ts'
import { bytesOf } from './test-read.ts'

const run = promisify(execFile)
const MIB = 1024 * 1024

/** Long enough for a merge to be met under way: the pace is 64 MiB a second. */
const LAYER_BYTES = 32 * MIB

interface World {
  readonly test: TestArea
  readonly id: string
  server(): ServerStorage
  set(): Promise<QemuVolumeSet>
  /** Fills the volumes with `value` from `offset`, and takes a point. */
  point(value: number, offset: number, length: number): Promise<string>
  remove(pointID: string): Promise<void>
}

async function openWorld(t: TestContext, disks: number, sizeBytes: number): Promise<World> {
  const test = await openTestArea(t)
  return await openWorldIn(test, disks, sizeBytes)
}

async function openWorldIn(test: TestArea, disks: number, sizeBytes: number): Promise<World> {
  const id = newId('sourceServer')
  const names = Array.from({ length: disks }, (_, index) => `/dev/sd${index}`)
  const requested = names.map((deviceName) => ({ deviceName, sizeBytes }))
  await test.area.createVolumes(id, requested)
  const server = (): ServerStorage => test.area.get(id)
  const set = (): Promise<QemuVolumeSet> => server().ready(AbortSignal.timeout(20_000))
  return {
    test,
    id,
    server,
    set,
    async point(value, offset, length) {
      const volumes = await set()
      const data = Buffer.alloc(MIB, value)
      for (let at = offset; at < offset + length; at += MIB) {
        for (const index of names.keys()) await volumes.volume(index).write(at, data)
      }
      return (await volumes.createPoint(somePoint())).pointID
    },
    remove: (pointID) => deletePoint(test.area, { sourceServerID: id, pointID }),
  }
}

async function firstBytes(world: World, pointID: string, disk = 0): Promise<number[]> {
  await using reader = await (await world.set()).openPoint(pointID, disk)
  const offsets = Array.from({ length: reader.sizeBytes / MIB }, (_, index) => index * MIB)
  const found = await Promise.all(offsets.map((offset) => bytesOf(reader, offset, 1)))
  return found.map((data) => data[0] ?? -1)
}

/** As `firstBytes`, by the headers of the files alone: what an instance on the point would see. */
async function firstBytesByHeaders(world: World, pointID: string): Promise<number[]> {
  const { store } = world.server()
  const point = store.current.points.find((each) => each.description.pointID === pointID)
  const layers = point?.layers ?? []
  const raw = join(world.test.folder, 'by-headers.raw')
  await run('qemu-img', ['convert', '-U', '-O', 'raw', store.pathOf(layers[0] ?? ''), raw])
  const data = await readFile(raw)
  return Array.from({ length: data.length / MIB }, (_, index) => data[index * MIB] ?? -1)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2)
}

const isMerging = (world: World) => (): boolean => world.server().record.merge !== null

function layerCounts(world: World): number[] {
  return world.server().record.volumes.map(({ layers }) => layers.length)
}

test('deleting points under load changes no other point, and frees the layers', async (t) => {
  const world = await openWorld(t, 3, 16 * MIB)
  const points = [await world.point(1, 0, 8 * MIB)]
  points.push(await world.point(2, 4 * MIB, 4 * MIB))
  points.push(await world.point(3, 6 * MIB, 6 * MIB))
  points.push(await world.point(4, 0, MIB))
  points.push(await world.point(5, 12 * MIB, MIB))
  const [oldest = '', second = '', third = '', fourth = '', newest = ''] = points
  const kept = [second, fourth, newest]
  const before = await Promise.all(kept.map((pointID) => firstBytes(world, pointID, 2)))
  const set = await world.set()
  await using opened = await set.openPoint(fourth, 0)
  const files = world.server().record.volumes.map(({ layers }) => layers[3] ?? '')

  const writing = new AbortController()
  let written = 0
  const writer = (async () => {
    for (; !writing.signal.aborted; written++) {
      const data = Buffer.alloc(4096, 1 + (written % 250))
      await set.volume(written % 3).write(13 * MIB + (written % 512) * 4096, data)
    }
  })()
  await Promise.all([world.remove(third), world.remove(oldest)])
  writing.abort()
  await writer

  assert.deepEqual(layerCounts(world), [4, 4, 4])
  for (const file of files) {
    await assert.rejects(stat(world.server().store.pathOf(file)), { code: 'ENOENT' })
  }
  for (const [index, pointID] of kept.entries()) {
    assert.deepEqual(await firstBytes(world, pointID, 2), before[index])
    assert.deepEqual(await firstBytesByHeaders(world, pointID), before[index])
  }
  assert.equal((await bytesOf(opened, 0, 1))[0], 4, 'a reader of the point above reads on')
  for (let slot = Math.max(0, written - 512); slot < written; slot++) {
    const found = await bytesOf(set.volume(slot % 3), 13 * MIB + (slot % 512) * 4096, 1)
    assert.equal(found[0], 1 + (slot % 250))
  }
  await world.server().stop()
  await world.test.reopen()
  for (const [index, pointID] of kept.entries()) {
    assert.deepEqual(await firstBytes(world, pointID, 2), before[index])
  }
})

test('the newest point, and one that a pinned point stands on, are not deleted', async (t) => {
  const world = await openWorld(t, 1, 4 * MIB)
  const points = [await world.point(1, 0, MIB), await world.point(2, 0, MIB)]
  points.push(await world.point(3, 0, MIB))
  const [first = '', second = '', third = ''] = points
  await assert.rejects(world.remove(third), { code: 'conflict', message: /newest/ })
  const pin = { sourceServerID: world.id, pointID: second, pinID: 'pin-1' }
  await pinPoint(world.test.area, pin)
  await assert.rejects(world.remove(first), { code: 'conflict', message: /pin-1 uses point/ })
  await assert.rejects(world.remove(second), { code: 'conflict' })
  await pinPoint(world.test.area, { ...pin, pointID: first, pinID: 'pin-2' })
  await unpinPoint(world.test.area, 'pin-1')
  await using reader = await (await world.set()).openPoint(second, 0)
  await world.remove(second)
  await world.remove(second)
  await world.remove(newId('point'))
  await assert.rejects(bytesOf(reader, 0, 1), { code: 'not_found' })
  await assert.rejects((await world.set()).openPoint(second, 0), { code: 'not_found' })
  await assert.rejects(pinPoint(world.test.area, pin), { code: 'not_found' })
  assert.deepEqual(layerCounts(world), [3])
  assert.deepEqual(await firstBytes(world, first), [1, 0, 0, 0])
  assert.deepEqual(await firstBytes(world, third), [3, 0, 0, 0])
})

test('points are taken while a merge goes on below', async (t) => {
  const world = await openWorld(t, 1, LAYER_BYTES)
  const first = await world.point(1, 0, MIB)
  const second = await world.point(2, 0, LAYER_BYTES)
  const removed = world.remove(first)
  await until(isMerging(world))
  // The first of them freezes the very layer above the merge.
  const third = await world.point(3, 0, MIB)
  const fourth = await world.point(4, 0, MIB)
  assert.ok(isMerging(world)(), 'the merge goes on meanwhile')
  await removed
  assert.deepEqual(layerCounts(world), [4])
  for (const [pointID, value] of [
    [second, 2],
    [third, 3],
    [fourth, 4],
  ] as const) {
    const expected = [value, ...Array<number>(LAYER_BYTES / MIB - 1).fill(2)]
    assert.deepEqual(await firstBytes(world, pointID), expected)
    assert.deepEqual(await firstBytesByHeaders(world, pointID), expected)
  }
})

test('a merge makes way for who reads or pins a point above it, and goes on later', async (t) => {
  const world = await openWorld(t, 1, LAYER_BYTES)
  const first = await world.point(1, 0, MIB)
  const second = await world.point(2, 0, LAYER_BYTES)
  const third = await world.point(3, 0, MIB)
  const removed = world.remove(first)
  await until(isMerging(world))
  assert.equal((await firstBytes(world, second))[0], 2)
  await until(isMerging(world))
  const pin = { sourceServerID: world.id, pointID: third, pinID: 'pin-1' }
  const disks = await pinPoint(world.test.area, pin)
  await removed
  assert.deepEqual(layerCounts(world), [4], 'what the pinned point stands on stays')
  await pinPoint(world.test.area, { ...pin, pinID: 'pin-2' })
  await unpinPoint(world.test.area, 'pin-1')
  assert.deepEqual(await firstBytesByHeaders(world, third), await firstBytes(world, third))
  assert.equal(disks.length, 1)
  await unpinPoint(world.test.area, 'pin-2')
  await until(() => layerCounts(world)[0] === 3)
  assert.deepEqual(await firstBytesByHeaders(world, third), await firstBytes(world, third))
  assert.equal((await firstBytes(world, second))[0], 2)
})

test('a merge that was broken off with its header rewritten is undone, then done', async (t) => {
  const world = await openWorld(t, 1, 4 * MIB)
  const first = await world.point(1, 0, MIB)
  const second = await world.point(2, MIB, MIB)
  const third = await world.point(3, 2 * MIB, MIB)
  const { store } = world.server()
  await world.server().stop()
  // As after a power failure that kept the header, and lost what the base had taken up.
  const [base = '', top = '', next = ''] = store.current.volumes[0]?.layers ?? []
  const command = ['rebase', '-u', '-F', 'qcow2', '-b', store.pathOf(base), store.pathOf(next)]
  await run('qemu-img', command)
  await store.update((record) => {
    const points = record.points.filter((point) => point.description.pointID !== first)
    return { ...record, points, merge: { base, top, next } }
  })
  await undoMerge(store)
  assert.deepEqual(await firstBytesByHeaders(world, second), [1, 2, 0, 0])
  assert.deepEqual(await firstBytesByHeaders(world, third), [1, 2, 3, 0])
  assert.equal(store.current.merge, null)
  await world.test.reopen()
  await world.set()
  await until(() => layerCounts(world)[0] === 3)
  assert.deepEqual(await firstBytes(world, second), [1, 2, 0, 0])
  assert.deepEqual(await firstBytesByHeaders(world, second), [1, 2, 0, 0])
  assert.deepEqual(await firstBytes(world, third), [1, 2, 3, 0])
  assert.deepEqual(await firstBytesByHeaders(world, third), [1, 2, 3, 0])
})

test('a full disk fails the deletion, loses nothing, and with space it is completed', async (t) => {
  const test = await openTestArea(t)
  const mountPoint = join(test.folder, 'staging')
  await run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint])
  test.atEnd.push(() => run('umount', [mountPoint]))
  const world = await openWorldIn(test, 1, 8 * MIB)
  const first = await world.point(1, 0, MIB)
  const second = await world.point(2, 2 * MIB, 4 * MIB)
  await world.point(3, 0, MIB)
  const ballast = join(mountPoint, 'ballast')
  await run('sh', ['-c', `dd if=/dev/zero of=${ballast} bs=64k 2>/dev/null || true`])
  await run('truncate', ['-s', '-256K', ballast]) // The records take some.
  const content = [1, 0, 2, 2, 2, 2, 0, 0]
  const refused = { kind: 'no_space', message: /could not be merged: No space left/ }
  await assert.rejects(world.remove(first), refused)
  await assert.rejects(world.remove(first), { kind: 'no_space' })
  assert.deepEqual(await firstBytes(world, second), content)
  assert.deepEqual(await firstBytesByHeaders(world, second), content)
  await run('rm', [ballast])
  await world.remove(first)
  assert.deepEqual(layerCounts(world), [3])
  assert.deepEqual(await firstBytes(world, second), content)
})

test('a record from before there were merges is read', async (t) => {
  const world = await openWorld(t, 1, 4 * MIB)
  const first = await world.point(1, 0, MIB)
  const second = await world.point(2, 0, MIB)
  const { store } = world.server()
  await world.server().stop()
  const path = join(store.folder, 'volumes.json')
  const { merge: _, ...before } = JSON.parse(await readFile(path, 'utf8')) as { merge: null }
  await writeFile(path, JSON.stringify({ ...before, intent: { files: ['0-0009.qcow2'] } }))
  await world.test.reopen()
  await world.remove(first)
  assert.deepEqual(await firstBytes(world, second), [2, 0, 0, 0])
})
