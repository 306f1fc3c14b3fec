import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartSeries } from './chart-series.ts'

const sampleAt = (minute: number, changes: object) => ({
  at: new Date(Date.UTC(2026, 0, 10, 9, minute)).toISOString(),
  state: 'CONTINUOUS' as const,
  backlogBytes: 0,
  sentBytes: 0,
  ...changes,
})

test('rates are of the time since the sample before, and there is no lag without a point', () => {
  const { lag, backlog, rate } = chartSeries({
    samples: [
      sampleAt(0, { sentBytes: 999 }),
      sampleAt(1, { sentBytes: 600, backlogBytes: 5 }),
      sampleAt(3, { sentBytes: 600, lagSeconds: 7 }),
    ],
  })
  assert.deepEqual(
    rate.map(({ y }) => y),
    [10, 5],
  )
  assert.deepEqual(
    backlog.map(({ y }) => y),
    [0, 5, 0],
  )
  assert.deepEqual(lag, [{ x: new Date('2026-01-10T09:03:00Z'), y: 7 }])
  assert.deepEqual(chartSeries({ samples: [] }), { lag: [], backlog: [], rate: [] })
})
