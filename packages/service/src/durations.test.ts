import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isoDuration } from './durations.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND

test('writes lengths of time as MGN does', () => {
  assert.equal(isoDuration(0), 'P0D')
  assert.equal(isoDuration(999), 'P0D')
  assert.equal(isoDuration(-5 * SECOND), 'P0D')
  assert.equal(isoDuration(61 * SECOND), 'PT1M1S')
  assert.equal(isoDuration(51 * HOUR), 'P2DT3H')
  assert.equal(isoDuration(48 * HOUR), 'P2D')
})
