import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BufferPool } from './aligned-buffer.ts'

test('lends each buffer once, and the next one as soon as one comes back', async () => {
  const pool = new BufferPool(2, 4096)
  const first = await pool.lend()
  const second = await pool.lend()
  assert.notEqual(first.bytes.byteOffset, second.bytes.byteOffset)
  let isLent = false
  const waiting = pool.lend().finally(() => (isLent = true))
  await Promise.resolve()
  assert.equal(isLent, false)
  first[Symbol.dispose]()
  assert.equal((await waiting).bytes.byteOffset, first.bytes.byteOffset)
})
