import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { newId, type PointDescription } from '@landfall/model'
import type { VolumeSet } from './staging-volume.ts'
import { bytesOf } from './test-read.ts'

const MIB = 1024 * 1024

export function somePoint(): PointDescription {
  return {
    pointID: newId('point'),
    consistency: 'crash',
    frozen: [],
    notFrozen: [],
    freezeMs: 0,
    takenAt: '2026-01-01T00:00:00.000Z',
  }
}

/** What every `VolumeSet` has to do. `open` makes a set of two volumes, 8 MiB and 4 MiB + 4 KiB. */
export function testVolumeSet(name: string, open: (t: TestContext) => Promise<VolumeSet>): void {
  test(`${name}: a new volume reads as zeros, is pristine, and is so until the first write`, async (t) => {
    const set = await open(t)
    assert.deepEqual(
      set.describe().map(({ sizeBytes, pristine }) => ({ sizeBytes, pristine })),
      [
        { sizeBytes: 8 * MIB, pristine: true },
        { sizeBytes: 4 * MIB + 4096, pristine: true },
      ],
    )
    assert.ok(Buffer.alloc(MIB).equals(await bytesOf(set.volume(0), 7 * MIB, MIB)))
    await set.volume(1).write(0, Buffer.alloc(4096))
    assert.deepEqual(
      set.describe().map((volume) => volume.pristine),
      [true, false],
    )
  })

  test(`${name}: reads see the writes and zeros that resolved`, async (t) => {
    const set = await open(t)
    const volume = set.volume(1)
    await Promise.all([
      volume.write(0, Buffer.alloc(MIB, 1)),
      volume.write(MIB, Buffer.alloc(MIB, 2)),
      volume.write(4 * MIB, Buffer.alloc(4096, 3)),
    ])
    await volume.writeZeroes(MIB - 4096, 8192)
    await volume.writeAll([
      { offset: 4096, data: Buffer.alloc(4096, 4) },
      { offset: 3 * MIB, data: Buffer.alloc(512, 5) },
    ])
    await set.flush()
    const expected = Buffer.alloc(4 * MIB + 4096)
    expected
      .fill(1, 0, MIB - 4096)
      .fill(2, MIB + 4096, 2 * MIB)
      .fill(4, 4096, 8192)
      .fill(5, 3 * MIB, 3 * MIB + 512)
      .fill(3, 4 * MIB)
    assert.ok(expected.equals(await bytesOf(volume, 0, expected.length)))
    assert.ok(Buffer.alloc(MIB).equals(await bytesOf(set.volume(0), 0, MIB)))
  })

  test(`${name}: a point keeps the content of all volumes while they change`, async (t) => {
    const set = await open(t)
    await set.volume(0).write(0, Buffer.alloc(MIB, 1))
    const first = await set.createPoint(somePoint())
    await set.volume(0).write(4096, Buffer.alloc(4096, 2))
    await set.volume(1).write(0, Buffer.alloc(4096, 3))
    const second = await set.createPoint(somePoint())
    await set.volume(0).writeZeroes(0, MIB)
    await set.volume(1).writeZeroes(0, 4096)

    assert.deepEqual(await bytesAt(set, first.pointID), [1, 1, 0])
    assert.deepEqual(await bytesAt(set, second.pointID), [1, 2, 3])
    assert.equal((await bytesOf(set.volume(0), 4096, 1))[0], 0)
  })

  test(`${name}: a point asked for twice is one point`, async (t) => {
    const set = await open(t)
    const description = somePoint()
    const first = await set.createPoint(description)
    await set.volume(0).write(0, Buffer.alloc(4096, 7))
    const again = await set.createPoint({ ...description, freezeMs: 5 })
    assert.deepEqual(again, first)
    assert.deepEqual(await bytesAt(set, description.pointID), [0, 0, 0])
  })

  test(`${name}: an unknown point is not found`, async (t) => {
    const set = await open(t)
    await assert.rejects(set.openPoint(newId('point'), 0), { code: 'not_found' })
  })
}

async function bytesAt(set: VolumeSet, pointID: string): Promise<(number | undefined)[]> {
  await using first = await set.openPoint(pointID, 0)
  await using second = await set.openPoint(pointID, 1)
  const bytes = [
    await bytesOf(first, 0, 1),
    await bytesOf(first, 4096, 1),
    await bytesOf(second, 0, 1),
  ]
  return bytes.map((data) => data[0])
}
