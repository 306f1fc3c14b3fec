import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MIB } from '@landfall/model'
import { LoopDisk } from './loop-disk.ts'
import { unsentBytes } from './replication-progress.ts'
import { TrackedDisk } from './tracked-disk.ts'

const LIMITS = {
  extentBytesMax: MIB,
  smallBytesMax: 32 * 1024,
  scatteredBytesMax: 256 * 1024,
  scatteredCountMax: 8,
}

async function trackedDisk(t: TestContext): Promise<TrackedDisk> {
  const loop = new LoopDisk(8 * MIB)
  t.after(() => loop[Symbol.asyncDispose]())
  const disk = await TrackedDisk.open(loop.device, 0)
  t.after(() => disk[Symbol.asyncDispose]())
  return disk
}

test('an extent in flight is not taken again, nor anything that overlaps it', async (t) => {
  const disk = await trackedDisk(t)
  disk.recordWrite({ offset: 65_536, length: 8192 })
  const first = disk.takeNext(MIB)
  assert.deepEqual(first, { offset: 65_536, length: 8192 })
  disk.recordWrite({ offset: 61_440, length: 8192 })
  disk.recordWrite({ offset: 2 * MIB, length: 4096 })
  assert.deepEqual(disk.takeNext(MIB), { offset: 2 * MIB, length: 4096 })
  assert.deepEqual(disk.takeNext(MIB), { offset: 61_440, length: 4096 })
  assert.equal(disk.takeNext(MIB), undefined)
  assert.ok(first)
  disk.written(first)
  assert.deepEqual(disk.takeNext(MIB), { offset: 65_536, length: 4096 })
})

test('small extents travel together; what is clean between them stays, and large ones go alone', async (t) => {
  const disk = await trackedDisk(t)
  for (const offset of [0, 12_288, 7 * MIB]) disk.recordWrite({ offset, length: 4096 })
  disk.recordWrite({ offset: MIB, length: 256 * 1024 })
  const takeBatch = () => disk.takeBatch(LIMITS).map(({ offset, length }) => [offset, length])
  assert.deepEqual(takeBatch(), [
    [0, 4096],
    [12_288, 4096],
  ])
  assert.deepEqual(takeBatch(), [[MIB, 256 * 1024]])
  disk.recordWrite({ offset: 12_288, length: 8192 })
  // What is in flight is left out: only its neighbour may go.
  assert.deepEqual(takeBatch(), [[7 * MIB, 4096]])
  assert.deepEqual(takeBatch(), [[16_384, 4096]])
  assert.deepEqual(takeBatch(), [])
})

test('a batch ends at its limits', async (t) => {
  const disk = await trackedDisk(t)
  for (let at = 0; at < 20; at++) disk.recordWrite({ offset: at * 65_536, length: 16_384 })
  assert.equal(disk.takeBatch(LIMITS).length, 8)
  assert.equal(disk.takeBatch({ ...LIMITS, scatteredBytesMax: 4 * 16_384 }).length, 4)
})

test('what was written there and not flushed is dirty again after a break', async (t) => {
  const disk = await trackedDisk(t)
  disk.recordWrite({ offset: 0, length: 4096 })
  const extent = disk.takeNext(MIB)
  assert.ok(extent)
  disk.written(extent)
  assert.equal(disk.backlogBytes, 4096)
  disk.putBackUnflushed()
  assert.equal(disk.map.dirtyBytes, 4096)
  const again = disk.takeNext(MIB)
  assert.ok(again)
  disk.written(again)
  disk.beginFlush()
  disk.flushed()
  disk.putBackUnflushed()
  assert.equal(disk.backlogBytes, 0)
})

test('a flush is about what was written before it began, and all of it waits when it fails', async (t) => {
  const disk = await trackedDisk(t)
  const extents = [0, MIB].map((offset) => {
    disk.recordWrite({ offset, length: 4096 })
    return disk.takeNext(MIB) ?? assert.fail()
  })
  disk.written(extents[0] ?? assert.fail())
  disk.beginFlush()
  disk.written(extents[1] ?? assert.fail())
  disk.notFlushed()
  assert.equal(disk.unflushedBytes, 8192)
  disk.beginFlush()
  disk.recordWrite({ offset: 2 * MIB, length: 4096 })
  disk.written(disk.takeNext(MIB) ?? assert.fail())
  disk.flushed()
  disk.putBackUnflushed()
  assert.deepEqual(disk.map.find(0, MIB), { offset: 2 * MIB, length: 4096 })
  assert.equal(disk.backlogBytes, 4096)
})

test('the initial sync does not wait for what is written meanwhile', async (t) => {
  const disk = await trackedDisk(t)
  disk.startInitialSync()
  for (let at = 0; at < 8; at++) disk.written(disk.takeNext(MIB) ?? assert.fail())
  disk.recordWrite({ offset: 0, length: 4096 })
  const rewritten = disk.takeNext(MIB)
  assert.ok(rewritten)
  disk.beginFlush()
  disk.flushed()
  assert.equal(disk.phase.kind, 'steady')
  assert.equal(disk.backlogBytes, 4096)
})

test('the initial sync ends when all of it is durable, in whatever order things fail', async (t) => {
  const disk = await trackedDisk(t)
  disk.startInitialSync()
  const extents = Array.from({ length: 8 }, () => disk.takeNext(MIB))
  assert.equal(disk.takeNext(MIB), undefined)
  for (const extent of extents.slice(1)) if (extent) disk.written(extent)
  const [failed] = extents
  assert.ok(failed)
  disk.putBack(failed)
  disk.beginFlush()
  disk.flushed()
  assert.equal(disk.phase.kind, 'initial')
  const again = disk.takeNext(MIB)
  assert.deepEqual(again, failed)
  disk.written(again ?? assert.fail())
  assert.equal(disk.takeNext(MIB), undefined)
  disk.beginFlush()
  disk.flushed()
  assert.equal(disk.phase.kind, 'steady')
})

test('a rescan ends when the last open range was compared; a loss begins it anew', async (t) => {
  const disk = await trackedDisk(t)
  disk.startRescan()
  const [first, second] = [disk.takeRescanRange(4 * MIB), disk.takeRescanRange(4 * MIB)]
  assert.ok(first && second)
  assert.equal(disk.takeRescanRange(MIB), undefined)
  disk.compared(first, true)
  disk.notCompared(second)
  assert.deepEqual(disk.takeRescanRange(4 * MIB), second)
  disk.startRescan()
  disk.compared(second, false)
  assert.equal(disk.map.dirtyBytes, 4 * MIB)
  for (const range of [first, second]) {
    assert.deepEqual(disk.takeRescanRange(4 * MIB), range)
    disk.compared(range, true)
  }
  assert.equal(disk.phase.kind, 'steady')
})

test('a loss during the initial sync means a rescan right after it', async (t) => {
  const disk = await trackedDisk(t)
  disk.startInitialSync()
  disk.startRescan()
  assert.equal(disk.phase.kind, 'initial')
  for (let extent = disk.takeNext(MIB); extent; extent = disk.takeNext(MIB)) disk.written(extent)
  disk.beginFlush()
  disk.flushed()
  assert.equal(disk.phase.kind, 'rescan')
})

test('zeros are left out only where nothing was ever sent', async (t) => {
  const disk = await trackedDisk(t)
  disk.startInitialSync()
  assert.equal(disk.isUntouched({ offset: 0, length: 8 * MIB }), true)
  disk.touch({ offset: 3 * MIB + 4096, length: 4096 })
  assert.equal(disk.isUntouched({ offset: 3 * MIB, length: 4096 }), false)
  assert.equal(disk.isUntouched({ offset: 2 * MIB, length: MIB }), true)
  assert.equal(disk.isUntouched({ offset: 2 * MIB, length: MIB + 1 }), false)
})

test('what was not compared yet may differ, also when all that was sent is durable', async (t) => {
  const disk = await trackedDisk(t)
  disk.startRescan()
  const range = disk.takeRescanRange(MIB)
  assert.ok(range)
  disk.compared(range, false)
  assert.equal(unsentBytes(disk), 8 * MIB)
})
