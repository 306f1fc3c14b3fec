import assert from 'node:assert/strict'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { boundLogs } from './bounded-logs.ts'

test('a log that has grown too long moves aside while its writer goes on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-logs-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'service.log')
  await using writer = await open(path, 'a')
  await writer.write('old '.repeat(10))
  await boundLogs(folder, 100)
  assert.equal((await readFile(path)).length, 40, 'short enough: left alone')
  await boundLogs(folder, 30)
  await writer.write('new')
  assert.equal(await readFile(path, 'utf8'), 'new')
  assert.equal(await readFile(`${path}.1`, 'utf8'), 'old '.repeat(10))
})
