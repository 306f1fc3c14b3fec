import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { Compressor } from './compressor.ts'

/** Something that compresses about as well as a root disk. */
const PROGRAM = readFileSync(process.execPath).subarray(0, 1024 * 1024)

test('a higher level makes it smaller, and every level gives the same bytes back', async () => {
  const compressor = new Compressor()
  const sizes: number[] = []
  for (const level of [1, 3, 6] as const) {
    compressor.level = level
    const packed = await compressor.compress(PROGRAM)
    assert.ok(packed)
    assert.ok(zstdDecompressSync(packed).equals(PROGRAM))
    sizes.push(packed.length)
  }
  assert.deepEqual(
    sizes,
    sizes.toSorted((one, other) => other - one),
  )
})

test('level 0 compresses nothing', async () => {
  const compressor = new Compressor()
  compressor.level = 0
  assert.equal(await compressor.compress(PROGRAM), undefined)
})

test('what does not get smaller is sent as it is, and tried again now and then', async () => {
  const compressor = new Compressor()
  const noise = randomBytes(65_536)
  for (let extent = 0; extent < 40; extent++) {
    assert.equal(await compressor.compress(noise), undefined)
  }
  let tries = 0
  while ((await compressor.compress(PROGRAM)) === undefined) tries += 1
  assert.ok(tries < 16, `${tries} extents before compression was tried again`)
})
