import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Extent } from '@landfall/block'
import { MIB } from '@landfall/model'
import { LoopDisk } from './loop-disk.ts'
import { Scrub, type ScrubOptions } from './scrub.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { TrackedDisk } from './tracked-disk.ts'

const SIZE_BYTES = 16 * MIB
const SECOND_MS = 1000

/** A scrub over a disk of 16 MiB and simulated time; its comparisons find what `answer` says. */
async function scrubOf(t: TestContext, changes: Partial<ScrubOptions> = {}) {
  const loop = new LoopDisk(SIZE_BYTES)
  t.after(() => loop[Symbol.asyncDispose]())
  const disk = await TrackedDisk.open(loop.device, 0)
  t.after(() => disk[Symbol.asyncDispose]())
  const clock = new SimulatedClock()
  const compared: Extent[] = []
  const seen: { answer: (range: Extent) => boolean; mismatches: Extent[] } = {
    answer: () => true,
    mismatches: [],
  }
  const stop = new AbortController()
  t.after(() => stop.abort())
  const scrub = new Scrub({
    disks: [disk],
    bytesPerSecond: MIB,
    comparer: () => ({
      async isEqual(_, range) {
        compared.push(range)
        return seen.answer(range)
      },
    }),
    drain: () => undefined,
    onMismatch: (_, range) => seen.mismatches.push(range),
    log: () => undefined,
    clock,
    ...changes,
  })
  const comparedBytes = (): number => compared.reduce((sum, { length }) => sum + length, 0)
  return { disk, scrub, clock, compared, comparedBytes, seen, run: () => scrub.run(stop.signal) }
}

test('the rate is reached and kept within 5 % over an hour, pass after pass', async (t) => {
  const { scrub, clock, comparedBytes, run } = await scrubOf(t)
  void run()
  await clock.run(3600 * SECOND_MS)
  const share = comparedBytes() / (3600 * MIB)
  assert.ok(share > 0.95 && share <= 1.05, `${share} of the rate`)
  assert.equal(scrub.report().lastPass?.changingBytes, 0)

  scrub.setRate(4 * MIB)
  const before = comparedBytes()
  await clock.run(4200 * SECOND_MS)
  const faster = (comparedBytes() - before) / (600 * 4 * MIB)
  assert.ok(faster > 0.95 && faster <= 1.05, `${faster} of the new rate`)

  scrub.setRate(0)
  const then = comparedBytes()
  await clock.run(7200 * SECOND_MS)
  assert.ok(comparedBytes() - then <= MIB)
})

test('nothing is compared while ranges are not to be compared', async (t) => {
  const { clock, compared, run } = await scrubOf(t, { comparer: () => undefined })
  void run()
  await clock.run(60 * SECOND_MS)
  assert.deepEqual(compared, [])
})

test('what is dirty is left alone, and taken up again in the same pass', async (t) => {
  const { disk, scrub, clock, compared, run } = await scrubOf(t)
  const dirty = { offset: 5 * MIB, length: 4096 }
  disk.recordWrite(dirty)
  void run()
  await clock.run(18 * SECOND_MS)
  assert.equal(compared.length, 15)
  assert.ok(!compared.some(({ offset }) => offset === 5 * MIB))
  assert.equal(scrub.report().disks[0]?.verifiedBytes, 15 * MIB)
  assert.equal(scrub.report().lastPass, undefined)
  const sent = disk.takeNext(MIB)
  assert.ok(sent)
  disk.written(sent)
  await clock.run(24 * SECOND_MS)
  assert.equal(compared[15]?.offset, 5 * MIB)
  assert.equal(scrub.report().lastPass?.changingBytes, 0)
})

test('what is dirty at every look is given up as changing, and said so', async (t) => {
  const { disk, scrub, clock, run } = await scrubOf(t)
  disk.recordWrite({ offset: 0, length: 4096 })
  void run()
  await clock.run(130 * SECOND_MS)
  assert.equal(scrub.report().lastPass?.changingBytes, MIB)
})

test('a range that is written while it is compared is not judged', async (t) => {
  const { disk, scrub, seen, clock, run } = await scrubOf(t)
  seen.answer = (range) => {
    if (range.offset !== 3 * MIB) return true
    disk.recordWrite({ offset: range.offset, length: 4096 })
    return false
  }
  void run()
  await clock.run(30 * SECOND_MS)
  assert.deepEqual(seen.mismatches, [])
  assert.equal(scrub.report().disks[0]?.unrepairedBytes, 0)
  assert.equal(scrub.report().disks[0]?.verifiedBytes, 15 * MIB)
})

test('a rescan is a whole pass; an initial sync proves nothing', async (t) => {
  const { disk, scrub } = await scrubOf(t)
  assert.equal(scrub.report().lastPass, undefined)
  disk.startRescan()
  for (;;) {
    const range = disk.takeRescanRange(4 * MIB)
    if (range === undefined) break
    disk.compared(range, true)
  }
  assert.equal(scrub.report().lastPass?.changingBytes, 0)
  disk.startInitialSync()
  assert.equal(scrub.report().lastPass, undefined)
  assert.equal(scrub.report().disks[0]?.verifiedBytes, 0)
})

test('another run goes on where this one was', async (t) => {
  const first = await scrubOf(t)
  void first.run()
  await first.clock.run(10 * SECOND_MS)
  const { pass, maps } = first.scrub.save([first.disk])
  const second = await scrubOf(t)
  second.scrub.restore(pass, [second.disk], maps.values())
  assert.equal(second.scrub.report().startedAt, first.scrub.report().startedAt)
  assert.deepEqual(
    second.scrub.report().disks[0]?.verifiedBytes,
    first.scrub.report().disks[0]?.verifiedBytes,
  )
  void second.run()
  await second.clock.run(SECOND_MS)
  assert.equal(second.compared[0]?.offset, first.compared.length * MIB)
})
