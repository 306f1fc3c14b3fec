import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readConfiguration, requireConfiguration, settleConfiguration } from './configuration.ts'
import { pathsOf } from './data-directory.ts'

const WISHES = { port: 8443, replicationPort: 1500, addresses: ['192.0.2.2'] }

async function emptyDataDirectory(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-configuration-'))
  t.after(() => rm(folder, { recursive: true }))
  return pathsOf(folder)
}

test('the first start chooses region and account; later ones keep them, and what was written in', async (t) => {
  const paths = await emptyDataDirectory(t)
  const chosen = await settleConfiguration(paths, WISHES)
  assert.equal(chosen.region, 'lf-local-1')
  assert.match(chosen.accountID, /^[1-9]\d{11}$/)
  const first = { ...chosen, quotas: { replicatingServers: 500 } }
  await writeFile(paths.config, JSON.stringify(first))
  const second = await settleConfiguration(paths, { ...WISHES, port: 9443 })
  assert.deepEqual(second, { ...first, port: 9443 })
  assert.deepEqual(await readConfiguration(paths), second)
})

test('another region or account than at the first start is refused', async (t) => {
  const paths = await emptyDataDirectory(t)
  await settleConfiguration(paths, WISHES)
  const other = { ...WISHES, region: 'eu-west-1' }
  await assert.rejects(settleConfiguration(paths, other), { code: 'conflict' })
})

test('a region or account of the wrong form is refused', async (t) => {
  const paths = await emptyDataDirectory(t)
  for (const wrong of [{ region: 'local' }, { accountID: '42' }]) {
    await assert.rejects(settleConfiguration(paths, { ...WISHES, ...wrong }), {
      code: 'validation',
    })
  }
})

test('without an installation the way to one is named', async (t) => {
  const paths = await emptyDataDirectory(t)
  await assert.rejects(requireConfiguration(paths), {
    code: 'unavailable',
    message: /landfall up --data-dir/,
  })
})
