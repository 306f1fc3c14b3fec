import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { newId } from '@landfall/model'
import { StorageDaemon } from '../storage-daemon/storage-daemon.ts'
import { MergeTurn } from './merge-turn.ts'
import { QemuVolumeSet } from './qemu-volumes.ts'
import { somePoint, testVolumeSet } from './staging-volume.contract.ts'
import { openTestArea, type TestArea } from './test-area.ts'
import { StorageError } from './storage-error.ts'
import type { VolumeReader } from './staging-volume.ts'
import { bytesOf } from './test-read.ts'

const run = promisify(execFile)
const MIB = 1024 * 1024
const DEADLINE = { timeout: 120_000 }

async function openSet(
  test: TestArea,
  sizes: readonly number[],
): Promise<{ id: string; set: QemuVolumeSet }> {
  const id = newId('sourceServer')
  const disks = sizes.map((sizeBytes, index) => ({ deviceName: `/dev/sd${index}`, sizeBytes }))
  await test.area.createVolumes(id, disks)
  return { id, set: await test.area.get(id).ready(AbortSignal.timeout(10_000)) }
}

testVolumeSet('storage daemon', async (t: TestContext) => {
  return (await openSet(await openTestArea(t), [8 * MIB, 4 * MIB + 4096])).set
})

test(
  'a file that can be neither direct nor with io_uring is opened all the same',
  DEADLINE,
  async (t) => {
    const area = await openTestArea(t)
    const id = newId('sourceServer')
    await area.area.createVolumes(id, [{ deviceName: '/dev/sda', sizeBytes: MIB }])
    const { store } = area.area.get(id)
    await area.area[Symbol.asyncDispose]()
    const files = { runDir: join(area.folder, 'poor'), logPath: join(area.folder, 'poor.log') }
    const daemon = await StorageDaemon.start(files)
    const refused: unknown[] = []
    const execute = daemon.execute.bind(daemon)
    daemon.execute = (command, asked) => {
      const { cache, aio } = (asked ?? {}) as { cache?: { direct: boolean }; aio?: string }
      if (!cache?.direct) return execute(command, asked)
      refused.push(aio)
      return Promise.reject(new StorageError('failed', 'file system may not support O_DIRECT'))
    }
    await using set = await QemuVolumeSet.open(store, daemon, new MergeTurn(null))
    await set.volume(0).write(4096, Buffer.alloc(4096, 7))
    await set.createPoint(somePoint())
    assert.equal((await bytesOf(set.volume(0), 4096, 1))[0], 7)
    assert.deepEqual(refused, ['io_uring', 'native'], 'what failed once is not tried again')
  },
)

test('ten points under a writer on two disks hold a gapless prefix each', DEADLINE, async (t) => {
  const area = await openTestArea(t)
  const { set } = await openSet(area, [64 * MIB, 64 * MIB])
  const writing = new AbortController()
  // One sequence number, written to the disks in turn: slot n of disk n % 2 holds n + 1.
  let next = 0
  const writer = (async () => {
    const block = Buffer.alloc(4096)
    while (!writing.signal.aborted && next < 2 * 16_000) {
      block.writeUInt32BE(next + 1)
      await set.volume(next % 2).write((next >> 1) * 4096, block)
      next++
    }
  })()
  const points: { pointID: string; atLeast: number }[] = []
  for (let index = 0; index < 10; index++) {
    const begun = next
    while (next < begun + 100) await sleep(5)
    const atLeast = next
    const { pointID } = await set.createPoint(somePoint())
    points.push({ pointID, atLeast })
  }
  writing.abort()
  await writer
  for (const { pointID, atLeast } of points) {
    await using first = await set.openPoint(pointID, 0)
    await using second = await set.openPoint(pointID, 1)
    const [a, b] = [await countSlots(first), await countSlots(second)]
    assert.ok(a === b || a === b + 1, `written in turn: ${a} and ${b}`)
    assert.ok(a + b >= atLeast, 'holds what was written before the point was asked for')
  }
})

/** Slots from the start that hold a number; fails when one follows a gap. */
async function countSlots(reader: VolumeReader): Promise<number> {
  let count = 0
  let ended = false
  for (let offset = 0; offset < reader.sizeBytes; offset += MIB) {
    const data = await bytesOf(reader, offset, MIB)
    for (let at = 0; at < MIB; at += 4096) {
      const written = data.readUInt32BE(at) !== 0
      assert.ok(!(ended && written), 'no gap')
      if (written) count++
      else ended = true
    }
  }
  return count
}

test('an overlay on a point opens in other programs while the daemon runs', async (t) => {
  const area = await openTestArea(t)
  const { set } = await openSet(area, [16 * MIB])
  await set.volume(0).write(0, Buffer.alloc(MIB, 5))
  await set.createPoint(somePoint())
  const { disks } = await set.createPoint(somePoint())
  const layerPath = disks[0]?.layerPath ?? ''
  const overlay = join(area.folder, 'overlay.qcow2')
  await run('qemu-img', ['create', '-f', 'qcow2', '-F', 'qcow2', '-b', layerPath, overlay])
  const command = ['-c', 'read -P 5 0 1M', '-c', 'write -P 6 0 1M', overlay]
  const { stdout } = await run('qemu-io', command)
  assert.doesNotMatch(stdout, /fail/i)
  await run('qemu-img', ['check', layerPath])
  await set.volume(0).write(0, Buffer.alloc(MIB, 7))
  await set.flush()
  assert.doesNotMatch((await run('qemu-io', ['-c', 'read -P 6 0 1M', overlay])).stdout, /fail/i)
})
