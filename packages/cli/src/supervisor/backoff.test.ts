import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff } from './backoff.ts'

test('waits double, stay bounded, and end in giving up', () => {
  const backoff = new Backoff()
  const waits = Array.from({ length: 9 }, () => backoff.crashed(10))
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, undefined])
})

test('a process that was healthy for long starts a new count', () => {
  const backoff = new Backoff()
  for (let crash = 0; crash < 8; crash += 1) backoff.crashed(10)
  assert.equal(backoff.crashed(120_000), 500)
})

test('being killed never ends in giving up', () => {
  const backoff = new Backoff()
  for (let kill = 0; kill < 20; kill += 1) assert.equal(backoff.killed(), 500)
  assert.equal(backoff.crashed(10), 500)
})
