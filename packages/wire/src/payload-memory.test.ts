import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReusedMemory } from './payload-memory.ts'

const MIB = 1024 * 1024

test('memory that was given back is lent again, and never to two at once', () => {
  const memory = new ReusedMemory()
  const first = memory.take(MIB)
  const second = memory.take(MIB)
  assert.notEqual(first.buffer, second.buffer)
  memory.give(first)
  const third = memory.take(MIB - 5)
  assert.equal(third.buffer, first.buffer)
  assert.equal(third.length, MIB - 5)
  assert.notEqual(memory.take(MIB).buffer, third.buffer)
})

test('what is given back twice is lent once', () => {
  const memory = new ReusedMemory()
  const payload = memory.take(MIB)
  memory.give(payload)
  memory.give(payload)
  assert.notEqual(memory.take(MIB).buffer, memory.take(MIB).buffer)
})

test('a payload from elsewhere is not taken for its own', () => {
  const memory = new ReusedMemory()
  const foreign = Buffer.alloc(MIB)
  memory.give(foreign)
  assert.notEqual(memory.take(MIB).buffer, foreign.buffer)
})

test('memory kept for later is bounded', () => {
  const memory = new ReusedMemory()
  const lent = Array.from({ length: 64 }, () => memory.take(MIB))
  for (const payload of lent) memory.give(payload)
  const kept = new Set(lent.map(({ buffer }) => buffer))
  const again = Array.from({ length: 64 }, () => memory.take(MIB))
  assert.equal(again.filter(({ buffer }) => kept.has(buffer)).length, 32)
})

test('a payload takes less than twice its length', () => {
  const memory = new ReusedMemory()
  for (const bytes of [1, 4096, 32_768, 32_769, 100_000, MIB]) {
    assert.ok(memory.cost(bytes) < 2 * bytes)
    assert.ok(memory.take(bytes).buffer.byteLength <= Math.max(memory.cost(bytes), 8192))
  }
})
