import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { FolderBuckets } from './folder-buckets.ts'

async function emptyBuckets(t: TestContext) {
  const folder = await mkdtemp('/tmp/landfall-buckets-')
  t.after(() => rm(folder, { recursive: true }))
  const root = path.join(folder, 'buckets')
  await mkdir(root)
  return { folder, root, buckets: new FolderBuckets(root) }
}

const at = (key: string, bucket = 'inventory') => ({ bucket, key, owner: null })

async function* pieces(...texts: string[]) {
  yield* texts
}

test('what is put is opened, in its folder, and only its owner reads it', async (t) => {
  const { root, buckets } = await emptyBuckets(t)
  await buckets.put(at('2026/june.csv'), pieces('a,', 'b'))
  assert.equal(await text(await buckets.open(at('2026/june.csv'))), 'a,b')
  const { mode } = await stat(path.join(root, 'inventory/2026/june.csv'))
  assert.equal(mode & 0o777, 0o600)
  await buckets.put(at('2026/june.csv'), pieces('c'))
  assert.equal(await text(await buckets.open(at('2026/june.csv'))), 'c')
})

test('a file that fails midway leaves the one before it', async (t) => {
  const { root, buckets } = await emptyBuckets(t)
  await buckets.put(at('june.csv'), pieces('whole'))
  async function* failing() {
    yield 'half'
    throw new Error('cut')
  }
  await assert.rejects(buckets.put(at('june.csv'), failing()), /cut/)
  assert.equal(await text(await buckets.open(at('june.csv'))), 'whole')
  assert.deepEqual(await readdir(path.join(root, 'inventory')), ['june.csv'])
})

test('nothing outside the buckets is read or written', async (t) => {
  const { folder, root, buckets } = await emptyBuckets(t)
  await writeFile(path.join(folder, 'secret.csv'), 'secret')
  await mkdir(path.join(root, 'inventory'))
  await symlink(folder, path.join(root, 'inventory/out'))
  await symlink(path.join(folder, 'secret.csv'), path.join(root, 'inventory/link.csv'))
  const outside = [
    at('../../secret.csv'),
    at('secret.csv', '..'),
    at('/secret.csv'),
    at('x//y.csv'),
  ]
  for (const location of [...outside, at('out/secret.csv')]) {
    await assert.rejects(buckets.open(location), { code: 'validation' })
    await assert.rejects(buckets.put(location, pieces('x')), { code: 'validation' })
  }
  await assert.rejects(buckets.open(at('link.csv')), { code: 'not_found' })
})

test('what is not there is named with its path', async (t) => {
  const { root, buckets } = await emptyBuckets(t)
  await mkdir(path.join(root, 'inventory/folder.csv'), { recursive: true })
  for (const key of ['none.csv', 'folder.csv', 'none/none.csv']) {
    await assert.rejects(buckets.open(at(key)), {
      code: 'not_found',
      message: `There is no file ${root}/inventory/${key}: put it there first`,
    })
  }
})
