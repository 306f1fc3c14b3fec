import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentLog } from './agent-log.ts'

async function makeLog(t: { after: (end: () => Promise<void>) => void }) {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-log-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const paths = { path: join(folder, 'agent.log'), olderPath: join(folder, 'agent.log.1') }
  return { ...paths, log: new AgentLog({ ...paths, now: () => new Date(0) }) }
}

test('touches the file only when it is flushed', async (t) => {
  const { log, path } = await makeLog(t)
  log.log('one\ntwo')
  await assert.rejects(stat(path))
  await log.flush()
  assert.equal(await readFile(path, 'utf8'), '1970-01-01T00:00:00.000Z one two\n')
})

test('bounds memory and says how much it dropped', async (t) => {
  const { log, path } = await makeLog(t)
  for (let line = 0; line < 2005; line += 1) log.log(String(line))
  await log.flush()
  assert.match(await readFile(path, 'utf8'), /^\(5 lines were dropped here\)\n\S+ 5\n/)
})

test('bounds the disk space to two files', async (t) => {
  const { log, path, olderPath } = await makeLog(t)
  for (let round = 0; round < 12; round += 1) {
    for (let line = 0; line < 250; line += 1) log.log('x'.repeat(4000))
    await log.flush()
  }
  const bytesMax = 5 * 1024 * 1024
  assert.ok((await stat(path)).size <= bytesMax)
  assert.ok((await stat(olderPath)).size <= bytesMax)
})
