import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zeroRuns, ZERO_RUN_BYTES_MIN } from './zero-runs.ts'

function bytes(parts: readonly (readonly [fill: number, length: number])[]): Buffer {
  return Buffer.concat(parts.map(([fill, length]) => Buffer.alloc(length, fill)))
}

test('all zeros are one run, all data too', () => {
  const zero = { offset: 0, length: 9000, isZero: true }
  assert.deepEqual(zeroRuns(bytes([[0, 9000]])), [zero])
  assert.deepEqual(zeroRuns(bytes([[1, 9000]])), [{ ...zero, isZero: false }])
})

test('long zeros are cut out, short ones stay data', () => {
  const long = ZERO_RUN_BYTES_MIN
  const content = bytes([
    [0, long],
    [1, 4096],
    [0, long - 4096],
    [2, 8192],
    [0, 2 * long],
    [3, 512],
  ])
  assert.deepEqual(zeroRuns(content), [
    { offset: 0, length: long, isZero: true },
    { offset: long, length: 4096 + long - 4096 + 8192, isZero: false },
    { offset: 2 * long + 8192, length: 2 * long, isZero: true },
    { offset: 4 * long + 8192, length: 512, isZero: false },
  ])
})

test('one byte in a granule makes it data', () => {
  const content = Buffer.alloc(2 * ZERO_RUN_BYTES_MIN)
  content[ZERO_RUN_BYTES_MIN + 4095] = 1
  assert.deepEqual(
    zeroRuns(content).map((run) => run.isZero),
    [true, false],
  )
  assert.equal(zeroRuns(content)[1]?.offset, ZERO_RUN_BYTES_MIN)
})
