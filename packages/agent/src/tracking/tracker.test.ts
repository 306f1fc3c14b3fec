import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { alignedBuffer } from '@landfall/block'
import { MIB } from '@landfall/model'
import { LoopDisk } from '../replication/loop-disk.ts'
import { TrackedDisk } from '../replication/tracked-disk.ts'
import { TracefsInstance } from './tracefs-instance.ts'
import { Tracker, type TrackerState } from './tracker.ts'

const NAME = `landfall-test-${process.pid}`

function writeBlock(device: string, offset: number): void {
  const file = openSync(device, constants.O_WRONLY | constants.O_DIRECT)
  writeSync(file, alignedBuffer(4096), 0, 4096, offset)
  closeSync(file)
}

interface Watched {
  readonly disk: LoopDisk
  readonly tracked: TrackedDisk
}

async function watch(t: TestContext): Promise<Watched> {
  const disk = new LoopDisk(16 * MIB)
  t.after(() => disk[Symbol.asyncDispose]())
  const tracked = await TrackedDisk.open(disk.device, 0)
  t.after(() => tracked[Symbol.asyncDispose]())
  return { disk, tracked }
}

async function start(
  t: TestContext,
  disks: readonly Watched[],
  left?: TrackerState,
): Promise<{ tracker: Tracker; losses: string[] }> {
  const losses: string[] = []
  const tracker = await Tracker.start({
    name: NAME,
    deviceNumbers: disks.map(({ tracked }) => tracked.device.deviceNumber),
    onWrite: (deviceNumber, offset, length) => {
      const found = disks.find(({ tracked }) => tracked.device.deviceNumber === deviceNumber)
      assert.ok(found, `a write to a disk that is not tracked: ${deviceNumber}`)
      found.tracked.recordWrite({ offset, length })
    },
    onLost: (why) => losses.push(why),
    onProgress: () => undefined,
    ...(left === undefined ? {} : { left }),
  })
  t.after(async () => {
    await tracker.release()
    // The last of the test's trackers to be released takes the instance away.
    await Tracker.remove(NAME).catch(() => undefined)
  })
  return { tracker, losses }
}

test('hears of writes, zeroed and discarded ranges before a drain returns, and of no reads', async (t) => {
  const one = await watch(t)
  const other = await watch(t)
  const stranger = await watch(t)
  const { tracker, losses } = await start(t, [one, other])
  writeBlock(one.disk.device, 8 * 4096)
  writeBlock(other.disk.device, 3 * MIB)
  writeBlock(stranger.disk.device, 0)
  await one.disk.content()
  assert.equal(tracker.drain().sawWrites, true)
  assert.deepEqual(one.tracked.map.find(0, MIB), { offset: 8 * 4096, length: 4096 })
  assert.equal(one.tracked.map.dirtyBytes, 4096)
  assert.equal(other.tracked.map.dirtyBytes, 4096)
  execFileSync('blkdiscard', ['-o', String(MIB), '-l', String(MIB), one.disk.device])
  execFileSync('blkdiscard', ['-z', '-o', String(4 * MIB), '-l', '65536', one.disk.device])
  tracker.drain()
  assert.ok(one.tracked.map.touches({ offset: MIB, length: 1 }))
  assert.ok(one.tracked.map.touches({ offset: 4 * MIB, length: 1 }))
  assert.equal(tracker.drain().sawWrites, false)
  assert.deepEqual(losses, [])
})

test('the kernel goes on recording after a release, and the next run misses nothing', async (t) => {
  const one = await watch(t)
  const first = await start(t, [one])
  const left = await first.tracker.release()
  writeBlock(one.disk.device, 5 * MIB)
  const second = await start(t, [one], left)
  assert.equal(second.tracker.adopted, true)
  second.tracker.drain()
  assert.ok(one.tracked.map.touches({ offset: 5 * MIB, length: 1 }))
  assert.deepEqual(second.losses, [])
})

test('an instance that is not as it was left is not adopted', async (t) => {
  const one = await watch(t)
  const first = await start(t, [one])
  const left = await first.tracker.release()
  writeFileSync(`/sys/kernel/tracing/instances/${left.instanceName}/tracing_on`, '0')
  const second = await start(t, [one], left)
  assert.equal(second.tracker.adopted, false)
})

test('writes that overran the buffer are told as lost', async (t) => {
  const { disk, tracked } = await watch(t)
  const shape = { name: `${NAME}-small`, deviceNumbers: [tracked.device.deviceNumber] }
  const instance = await TracefsInstance.create(shape, { bufferBytesPerCpu: 8192 })
  t.after(async () => {
    instance.close()
    await TracefsInstance.removeByName(shape.name)
  })
  const file = openSync(disk.device, constants.O_WRONLY | constants.O_DIRECT)
  const block = alignedBuffer(4096)
  for (let round = 0; round < 4000; round++) writeSync(file, block, 0, 4096, (round % 4000) * 4096)
  closeSync(file)
  assert.ok(instance.lostEvents() > 0)
  assert.equal(instance.drain(() => undefined).lost, true)
})

test('tracing that something else switched off is told as lost, and begins again', async (t) => {
  const one = await watch(t)
  const { tracker, losses } = await start(t, [one])
  writeFileSync(`/sys/kernel/tracing/instances/${NAME}/tracing_on`, '0')
  tracker.drain()
  while (losses.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  writeBlock(one.disk.device, 0)
  tracker.drain()
  assert.ok(one.tracked.map.touches({ offset: 0, length: 1 }))
  const names = readdirSync('/sys/kernel/tracing/instances')
  assert.deepEqual(
    names.filter((name) => name.startsWith(`${NAME}`)),
    [`${NAME}.1`],
  )
})
