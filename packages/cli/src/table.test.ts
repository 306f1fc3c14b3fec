import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatDuration, formatTable } from './table.ts'

test('columns are as wide as their widest cell', () => {
  assert.equal(formatTable(['A', 'B'], [['long', 'x']]), 'A     B\nlong  x')
})

test('bytes and durations are written for people', () => {
  assert.deepEqual([0, 1023, 1536, 5 * 1024 ** 3].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.5 KiB',
    '5.0 GiB',
  ])
  assert.deepEqual([3, 65, 7260].map(formatDuration), ['3 s', '1 min 05 s', '2 h 01 min'])
})
