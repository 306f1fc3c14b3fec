import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplicationStage } from '@landfall/model'
import { StageMeter, WINDOW_MS } from './stage-meter.ts'

function meterAt() {
  const clock = { ms: 0 }
  const meter = new StageMeter(() => clock.ms)
  const later = (ms: number) => {
    for (const end = clock.ms + ms; clock.ms < end;) {
      clock.ms = Math.min(end, clock.ms + 1000)
      meter.sample()
    }
  }
  const load = (stage: ReplicationStage) => {
    const found = meter.loads().find((one) => one.stage === stage)
    assert.ok(found)
    return found
  }
  return { meter, later, load }
}

test('a stage is as busy as the share of its capacity that is taken', () => {
  const { meter, later, load } = meterAt()
  const one = meter.begin('read', 1 / 6)
  const other = meter.begin('read', 1 / 6)
  later(WINDOW_MS)
  assert.ok(Math.abs(load('read').utilisation - 1 / 3) < 1e-9)
  one(1000)
  other(4000)
  assert.equal(load('read').bytesPerSecond, 1000)
  later(WINDOW_MS + 1000)
  assert.equal(load('read').utilisation, 0)
  assert.equal(load('read').bytesPerSecond, 0)
})

test('what is stuck for longer than the window is busy all the time', () => {
  const { meter, later, load } = meterAt()
  meter.begin('wire', 1)
  later(10 * WINDOW_MS)
  assert.equal(load('wire').utilisation, 1)
  assert.equal(load('wire').bytesPerSecond, 0)
})

test('more work at once than the capacity is no more than busy', () => {
  const { meter, later, load } = meterAt()
  const ends = Array.from({ length: 5 }, () => meter.begin('compress', 1 / 2))
  later(WINDOW_MS / 2)
  for (const end of ends) end(0)
  later(WINDOW_MS / 2)
  assert.equal(load('compress').utilisation, 0.5)
})

test('time before the window does not count', () => {
  const { meter, later, load } = meterAt()
  const end = meter.begin('flush', 1)
  later(60_000)
  end(1_000_000)
  later(WINDOW_MS - 1000)
  assert.equal(load('flush').utilisation, 0.2)
  assert.equal(load('flush').bytesPerSecond, 200_000)
})

test('the throttle is told apart from the wire it is part of', () => {
  const { meter, later, load } = meterAt()
  const wire = meter.begin('wire', 1)
  const waiting = meter.begin('throttle', 1)
  later(4000)
  waiting(0)
  later(1000)
  wire(5000)
  assert.equal(meter.throttled(), 0.8)
  assert.equal(load('wire').utilisation, 1)
  assert.equal(load('wire').bytesPerSecond, 1000)
})
