import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { InspectionOptions } from '@landfall/conversion'
import { MemoryGuest, readGuestFacts, type GuestFacts } from '@landfall/guest'
import { newId } from '@landfall/model'
import { areaWithPoint } from './area-with-point.fixture.ts'
import { Inspections } from './inspections.ts'

const FACTS = await readGuestFacts(new MemoryGuest({}))

/** Inspections of a real point, by an inspector that does what the test says. */
async function open(
  t: TestContext,
  inspect: (options: InspectionOptions) => Promise<GuestFacts>,
  isConverting = () => false,
) {
  const { area, folder, sourceServerID, pointID, pins } = await areaWithPoint(t)
  const stopping = new AbortController()
  const inspections = new Inspections({
    area,
    inspectionsDir: join(folder, 'staging', 'inspections'),
    applianceDir: join(folder, 'staging', 'appliance'),
    inspect,
    isConverting,
    signal: stopping.signal,
  })
  const look = () =>
    inspections.inspect({
      commandID: newId('command'),
      type: 'INSPECT_POINT',
      sourceServerID,
      pointID,
      passphrases: ['correct horse'],
    })
  return { inspections, look, pins, pointID, stopping }
}

async function untilAborted({ signal }: InspectionOptions): Promise<never> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason as Error))
  return await promise
}

test('a point is pinned while it is looked into, and one is at a time', async (t) => {
  let running = 0
  const pinned: string[][] = []
  const opened = await open(t, async (options) => {
    assert.equal(++running, 1)
    assert.deepEqual(options.passphrases, ['correct horse'])
    assert.equal(options.disks[0]?.deviceName, '/dev/sda')
    pinned.push(opened.pins())
    await new Promise((resolve) => setTimeout(resolve, 20))
    running--
    return FACTS
  })
  const { look, pins, pointID } = opened
  assert.deepEqual(await Promise.all([look(), look()]), [{ facts: FACTS }, { facts: FACTS }])
  assert.deepEqual(pinned, [[`inspection ${pointID}`], [`inspection ${pointID}`]])
  assert.deepEqual(pins(), [])
})

test('a conversion ends the inspection that runs and those that wait', async (t) => {
  const { inspections, look, pins } = await open(t, untilAborted)
  const ended = [look(), look()].map((one) => assert.rejects(one, { code: 'conflict' }))
  while (pins().length === 0) await new Promise((resolve) => setImmediate(resolve))
  await inspections.giveWay()
  await Promise.all(ended)
  assert.deepEqual(pins(), [])
})

test('nothing is looked into while something is converted', async (t) => {
  let isConverting = true
  const { look } = await open(
    t,
    async () => FACTS,
    () => isConverting,
  )
  await assert.rejects(look(), { code: 'conflict' })
  isConverting = false
  assert.deepEqual(await look(), { facts: FACTS })
})

test('a failure lets the point go, and the next is looked into', async (t) => {
  let calls = 0
  const { look, pins } = await open(t, async () => {
    if (++calls === 1) throw new Error('no system')
    return FACTS
  })
  await assert.rejects(look(), /no system/)
  assert.deepEqual(pins(), [])
  assert.deepEqual(await look(), { facts: FACTS })
})

test('a shutdown ends it', async (t) => {
  const { look, pins, stopping } = await open(t, untilAborted)
  const ended = assert.rejects(look(), /shutting down/)
  while (pins().length === 0) await new Promise((resolve) => setImmediate(resolve))
  stopping.abort(new Error('shutting down'))
  await ended
})
