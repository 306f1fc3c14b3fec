import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeStages } from './stages.ts'

const MIB = 1024 * 1024
const reportedAt = '2026-01-10T09:00:00.000Z'
const loads = [
  { stage: 'read', bytesPerSecond: 9 * MIB, utilisation: 0.021 },
  { stage: 'wire', bytesPerSecond: 3 * MIB, utilisation: 0.99 },
] as const

test('every stage has its rate and share, and the slowest its sentence', () => {
  const sentence = 'The wire carries 24.9 of the 25.0 Mbit/s set as bandwidth throttling.'
  assert.equal(
    describeStages({ loads, bottleneck: { stage: 'wire', sentence }, reportedAt }),
    'STAGE  RATE       BUSY\n' +
      'read   9.0 MiB/s  2 %\n' +
      'wire   3.0 MiB/s  99 %\n' +
      '\n' +
      `Bottleneck   wire. ${sentence}\n` +
      'As of        2026-01-10T09:00:00.000Z',
  )
})

test('while nothing waits, nothing is slow', () => {
  assert.match(describeStages({ loads, bottleneck: null, reportedAt }), /none: nothing waits/)
})
