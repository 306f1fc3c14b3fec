import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutesIn, unitOf } from './minutes.ts'

test('a length is shown in the greatest unit that divides it', () => {
  assert.equal(unitOf(10), 'm')
  assert.equal(unitOf(60), 'h')
  assert.equal(unitOf(7 * 24 * 60), 'd')
  assert.equal(unitOf(90), 'm')
  assert.equal(unitOf(0), 'm')
  assert.equal(unitOf(Number.NaN), 'm')
  assert.equal(minutesIn('d'), 1440)
})
