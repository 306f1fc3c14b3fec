import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '@landfall/model'
import { SimulatedClock } from './simulated-clock.ts'
import { Throttle } from './throttle.ts'

const { signal } = new AbortController()

/** Six senders, as many as read at once, that always have something of this size to send. */
function sendAlways(throttle: Throttle, frameBytes: () => number): { bytes: number } {
  const sent = { bytes: 0 }
  for (let sender = 0; sender < 6; sender++) {
    void (async () => {
      for (;;) {
        const bytes = frameBytes()
        await throttle.take(bytes, signal)
        sent.bytes += bytes
      }
    })()
  }
  return sent
}

function assertRate(bytes: number, ms: number, mbps: number): void {
  const reached = (bytes * 8) / 1e6 / (ms / 1000)
  const share = reached / mbps
  assert.ok(share > 0.95 && share <= 1.05, `${reached.toFixed(2)} of ${mbps} Mbit/s`)
}

for (const mbps of [1, 25, 200, 2000]) {
  test(`${mbps} Mbit/s are reached and kept within 5 %`, async () => {
    const clock = new SimulatedClock(0.5)
    // Blocks that compressed to sizes of all kinds.
    let number = 0
    const sizes = () => 40 + ((number++ * 7919) % 97) * 1000
    const sent = sendAlways(new Throttle(mbps, clock), sizes)
    await clock.run(20_000)
    assertRate(sent.bytes, clock.ms, mbps)
  })
}

test('being told the same rate again and again changes nothing', async () => {
  const clock = new SimulatedClock()
  const throttle = new Throttle(25, clock)
  const sent = sendAlways(throttle, () => MIB)
  for (let second = 1; second <= 120; second++) {
    await clock.run(second * 1000)
    throttle.set(25)
  }
  assertRate(sent.bytes, clock.ms, 25)
})

test('a new rate holds from then on, for what waits already too', async () => {
  const clock = new SimulatedClock()
  const throttle = new Throttle(1, clock)
  const sent = sendAlways(throttle, () => MIB)
  await clock.run(30_000)
  throttle.set(100)
  const before = sent.bytes
  await clock.run(60_000)
  assertRate(sent.bytes - before, 30_000, 100)
  throttle.set(10)
  const then = sent.bytes
  await clock.run(120_000)
  assertRate(sent.bytes - then, 60_000, 10)
})

test('after a pause no more than a tenth of a second is made up for', async () => {
  const clock = new SimulatedClock()
  const throttle = new Throttle(8, clock)
  await clock.run(60_000)
  const sent = sendAlways(throttle, () => 1000)
  await clock.run(60_001)
  assert.ok(sent.bytes <= 102_000, `${sent.bytes} bytes at once`)
})

test('without a rate nothing waits, and what waited goes', async () => {
  const clock = new SimulatedClock()
  const throttle = new Throttle(1, clock)
  const waiting = throttle.take(100 * MIB, signal)
  throttle.set(0)
  await throttle.take(100 * MIB, signal)
  await clock.run(1000)
  await waiting
})

test('a wait ends with its session', async () => {
  const ended = new AbortController()
  const waiting = new Throttle(1).take(100 * MIB, ended.signal)
  ended.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
})
