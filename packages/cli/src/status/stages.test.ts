import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeStages, warningsOf } from './stages.ts'

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

test('disks that nothing replicates are warned of', () => {
  const report = {
    sourceServerID: 's-0123456789abcdef0',
    state: 'CONTINUOUS',
    error: null,
    disks: [],
    readBytes: 0,
    wireBytes: 0,
    lagSeconds: 0,
    results: [],
  } as const
  assert.deepEqual(warningsOf({ report }), [])
  const unreplicatedDisks = ['/dev/sdc', '/dev/sdd']
  assert.deepEqual(warningsOf({ report: { ...report, unreplicatedDisks } }), [
    '/dev/sdc, /dev/sdd are not replicated: run the installer on the source server again to add what is new',
  ])
})
