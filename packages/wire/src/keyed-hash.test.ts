import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { KeyedHash, newHashKey } from './index.ts'

const key = newHashKey()
const hashOf = (...parts: readonly Uint8Array[]): string => {
  const hash = new KeyedHash(key)
  for (const part of parts) hash.update(part)
  return hash.digest().toString('hex')
}

test('the hash is the one of NIST’s GMAC, so that another end can be written elsewhere', () => {
  // GCM test case 1 of the GCM specification: no data, all zeros.
  const ofNothing = new KeyedHash(Buffer.alloc(16)).digest().toString('hex')
  assert.equal(ofNothing, '58e2fccefa7e3061367f1d57a4e7455a')
})

test('parts make the hash of the whole; another key, another hash', () => {
  const bytes = randomBytes(100_001)
  assert.equal(hashOf(bytes.subarray(0, 4097), bytes.subarray(4097)), hashOf(bytes))
  assert.notEqual(new KeyedHash(newHashKey()).update(bytes).digest().toString('hex'), hashOf(bytes))
})

test('one bit, a byte more, or two blocks that change places make another hash', () => {
  const bytes = randomBytes(1024 * 1024)
  const before = hashOf(bytes)
  for (const at of [0, 4096, bytes.length - 1]) {
    bytes[at] = (bytes[at] ?? 0) ^ 1
    assert.notEqual(hashOf(bytes), before, `byte ${at}`)
    bytes[at] = (bytes[at] ?? 0) ^ 1
  }
  assert.notEqual(hashOf(bytes, Buffer.alloc(1)), before)
  const exchanged = [bytes.subarray(4096, 8192), bytes.subarray(0, 4096), bytes.subarray(8192)]
  assert.notEqual(hashOf(...exchanged), before)
})
