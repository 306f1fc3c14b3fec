import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { KeptRamdisk } from './kept-ramdisk.ts'

test('what was made is found by what it was made of, and only the last is kept', async (t) => {
  const parent = await mkdtemp('/tmp/landfall-kept-')
  t.after(() => rm(parent, { recursive: true }))
  const folder = join(parent, 'server')
  const kept = new KeptRamdisk(folder)
  assert.equal(await kept.find(['a', 'b']), undefined)
  await kept.keep(['a', 'b'], (path) => writeFile(path, 'first'))
  assert.equal(await readFile((await kept.find(['a', 'b'])) ?? '', 'utf8'), 'first')
  assert.equal(await kept.find(['a b']), undefined)
  await kept.keep(['c'], (path) => writeFile(path, 'second'))
  assert.equal(await kept.find(['a', 'b']), undefined)
  assert.equal((await readdir(folder)).length, 1)
})

test('what was not written whole is not found', async (t) => {
  const folder = await mkdtemp('/tmp/landfall-kept-')
  t.after(() => rm(folder, { recursive: true }))
  const kept = new KeptRamdisk(folder)
  await assert.rejects(
    kept.keep(['a'], async (path) => {
      await writeFile(path, 'half')
      throw new Error('killed')
    }),
  )
  assert.equal(await kept.find(['a']), undefined)
})
