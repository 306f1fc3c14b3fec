import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '@landfall/model'
import { ConvergenceMeter, describeDivergence } from './convergence.ts'

interface Span {
  readonly seconds: number
  readonly dirtied: number
  readonly durable: number
  /** Added to the backlog at the begin, by no write. */
  readonly jump?: number
  readonly lagSeconds?: number
}

/** Seconds of writing and sending at these rates, in MiB per second, seen once a second. */
function run(...spans: Span[]) {
  const meter = new ConvergenceMeter()
  let atMs = 0
  let backlogBytes = 100 * MIB
  let dirtiedBytes = 0
  for (const { seconds, dirtied, durable, jump = 0, lagSeconds = 1000 } of spans) {
    backlogBytes += jump * MIB
    for (let second = 0; second < seconds; second++) {
      meter.sample({ atMs, backlogBytes, dirtiedBytes, lagSeconds })
      atMs += 1000
      dirtiedBytes += dirtied * MIB
      backlogBytes += (dirtied - durable) * MIB
    }
  }
  return meter
}

test('writes that outrun replication for two minutes are told with both rates', () => {
  const divergence = run({ seconds: 200, dirtied: 40, durable: 25 }).divergence()
  assert.deepEqual(divergence, { seconds: 120, dirtiedRate: 40 * MIB, durableRate: 25 * MIB })
  assert.equal(
    describeDivergence(divergence),
    'For 120 seconds writes on the source changed 40.00 MiB/s and 25.00 MiB/s became durable in ' +
      'the replica: the backlog grows by 15.00 MiB/s.',
  )
})

test('nothing is said before the window is over', () => {
  assert.equal(run({ seconds: 120, dirtied: 40, durable: 25 }).divergence(), undefined)
})

test('a backlog that shrinks, or stays, converges', () => {
  assert.equal(run({ seconds: 200, dirtied: 20, durable: 20.5 }).divergence(), undefined)
  assert.equal(run({ seconds: 200, dirtied: 20, durable: 20 }).divergence(), undefined)
  assert.equal(run({ seconds: 200, dirtied: 0, durable: 0 }).divergence(), undefined)
})

test('a burst that is over is worked off', () => {
  const burst = { seconds: 100, dirtied: 40, durable: 20 }
  const calm = { seconds: 101, dirtied: 1, durable: 20 }
  assert.equal(run(burst, calm).divergence(), undefined)
})

test('a backlog that grew by a rescan and not by writes proves nothing', () => {
  const calm = { seconds: 100, dirtied: 1, durable: 1 }
  assert.equal(run(calm, { ...calm, jump: 10_000 }).divergence(), undefined)
})

test('a replica that equalled the source within the window converges', () => {
  const trickle = { seconds: 200, dirtied: 0.01, durable: 0.009, lagSeconds: 20 }
  assert.equal(run(trickle).divergence(), undefined)
})

test('after a break the window begins anew', () => {
  const meter = run({ seconds: 200, dirtied: 40, durable: 25 })
  meter.reset()
  assert.equal(meter.divergence(), undefined)
})
