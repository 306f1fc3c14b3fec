import assert from 'node:assert/strict'
import { test } from 'node:test'
import { downsample, intervalMs, SAMPLES_MAX } from './downsample.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const START = Date.parse('2026-01-10T09:00:00.000Z')

function sampleAt(minutes: number, changes: Partial<Parameters<typeof downsample>[0][number]>) {
  return {
    at: new Date(START + minutes * MINUTE_MS),
    state: 'CONTINUOUS',
    lag_seconds: 0,
    backlog_bytes: 0,
    wire_bytes: 0,
    ...changes,
  } as const
}

test('of lag and backlog the worst is kept, of states the last, and what was sent is counted', () => {
  const rows = [
    sampleAt(0, { wire_bytes: 1000 }),
    sampleAt(1, { wire_bytes: 1500, lag_seconds: 40, backlog_bytes: 7, state: 'BACKLOG' }),
    sampleAt(2, { wire_bytes: 1600 }),
    // The agent was started anew, and the service was away for a while.
    sampleAt(60, { wire_bytes: 30, lag_seconds: null }),
  ]
  assert.deepEqual(downsample(rows, 5 * MINUTE_MS), [
    {
      at: '2026-01-10T09:02:00.000Z',
      state: 'CONTINUOUS',
      lagSeconds: 40,
      backlogBytes: 7,
      sentBytes: 600,
    },
    {
      at: '2026-01-10T10:00:00.000Z',
      state: 'CONTINUOUS',
      backlogBytes: 0,
      sentBytes: 30,
    },
  ])
  assert.deepEqual(downsample([], MINUTE_MS), [])
})

test('however long the span, no more samples come than a chart can show', () => {
  assert.equal(intervalMs(HOUR_MS), MINUTE_MS)
  for (const hours of [1, 5, 6, 24, 72]) {
    const rows = Array.from({ length: hours * 60 }, (_, minute) => sampleAt(minute, {}))
    const { length } = downsample(rows, intervalMs(hours * HOUR_MS))
    assert.ok(length <= SAMPLES_MAX + 1 && length >= 60, `${length} of ${hours} hours`)
  }
})
