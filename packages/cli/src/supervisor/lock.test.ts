import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isLock, takeLock } from './lock.ts'

async function lockPath(t: { after: (fn: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-lock-'))
  t.after(() => rm(folder, { recursive: true }))
  return join(folder, 'up.lock')
}

test('a lock is held by one, says by whom, and can be taken once it was released', async (t) => {
  const path = await lockPath(t)
  const first = await takeLock(path)
  assert.ok(isLock(first))
  const second = await takeLock(path)
  assert.ok(!isLock(second))
  assert.equal(second.heldBy?.pid, process.pid)
  first.release()
  const third = await takeLock(path)
  assert.ok(isLock(third))
  third.release()
})

test('a killed holder leaves no lock behind', async (t) => {
  const path = await lockPath(t)
  const script = `const { takeLock } = await import(process.argv[1])
    globalThis.lock = await takeLock(process.argv[2])
    console.log('held')
    setInterval(() => {}, 1000)`
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, join(import.meta.dirname, 'lock.ts'), path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  const meanwhile = await takeLock(path)
  assert.ok(!isLock(meanwhile))
  assert.equal(meanwhile.heldBy?.pid, child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const after = await takeLock(path)
  assert.ok(isLock(after))
  after.release()
})
