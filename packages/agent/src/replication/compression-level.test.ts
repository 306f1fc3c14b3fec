import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextCompressionLevel, type CompressionLevel } from './compression-level.ts'

function after(steps: number, from: CompressionLevel, busy: { wire: number; cpu: number }) {
  let level = from
  for (let step = 0; step < steps; step++) level = nextCompressionLevel(level, busy)
  return level
}

test('a busy wire and a free CPU raise the level, step by step', () => {
  const busy = { wire: 0.99, cpu: 0.2 }
  assert.equal(after(1, 1, busy), 3)
  assert.equal(after(2, 1, busy), 6)
  assert.equal(after(9, 0, busy), 6)
})

test('a busy CPU and a free wire lower it, down to no compression', () => {
  const busy = { wire: 0.1, cpu: 0.95 }
  assert.equal(after(1, 6, busy), 3)
  assert.equal(after(9, 6, busy), 0)
})

test('it stays where both are busy, or neither', () => {
  assert.equal(after(5, 3, { wire: 0.95, cpu: 0.95 }), 3)
  assert.equal(after(5, 3, { wire: 0.3, cpu: 0.3 }), 3)
  assert.equal(after(5, 3, { wire: 0.99, cpu: 0.7 }), 3)
})
