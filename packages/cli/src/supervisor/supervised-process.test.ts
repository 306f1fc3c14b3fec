import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJsonFile, writeJsonFile } from '../installation/json-file.ts'
import { Backoff } from './backoff.ts'
import { type ProcessIdentity, identifyProcess, isRunning } from './process-identity.ts'
import { type ProcessDescription, endLeftover, keepRunning } from './supervised-process.ts'

async function describeProcess(t: TestContext, script: string): Promise<ProcessDescription> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-supervised-'))
  t.after(() => rm(folder, { recursive: true }))
  return {
    name: 'thing',
    command: '/bin/sh',
    args: ['-c', script],
    environment: { PATH: '/usr/bin:/bin' },
    logFile: join(folder, 'thing.log'),
    pidFile: join(folder, 'thing.pid'),
    graceMs: 2_000,
  }
}

/** The process that runs now and is not `before`. */
async function nextProcess(path: string, before?: ProcessIdentity): Promise<ProcessIdentity> {
  for (;;) {
    const found = (await readJsonFile(path)) as ProcessIdentity | undefined
    if (found !== undefined && found.pid !== before?.pid && (await isRunning(found))) return found
    await sleep(20)
  }
}

test('a killed process is started again, and ended when asked', async (t) => {
  const description = await describeProcess(t, 'echo started; exec sleep 600')
  const stop = new AbortController()
  const messages: string[] = []
  const kept = keepRunning(description, {
    signal: stop.signal,
    log: (message) => messages.push(message),
  })
  const first = await nextProcess(description.pidFile)
  process.kill(first.pid, 'SIGKILL')
  const second = await nextProcess(description.pidFile, first)
  stop.abort()
  await kept
  assert.equal(await isRunning(second), false)
  assert.equal(messages.length, 1)
  assert.match(messages[0] ?? '', /thing ended by itself \(SIGKILL\)/)
  assert.equal(await readFile(description.logFile, 'utf8'), 'started\nstarted\n')
})

test('a process that does not listen to SIGTERM is ended all the same', async (t) => {
  const description = await describeProcess(t, "trap '' TERM; while :; do sleep 0.1; done")
  const stop = new AbortController()
  const kept = keepRunning({ ...description, graceMs: 200 }, { signal: stop.signal, log: () => {} })
  const running = await nextProcess(description.pidFile)
  stop.abort()
  await kept
  assert.equal(await isRunning(running), false)
})

test('what an earlier supervisor left behind is ended before a new start', async (t) => {
  const description = await describeProcess(t, 'exec sleep 600')
  const orphan = spawn('sleep', ['600'], { stdio: 'ignore' })
  t.after(() => orphan.kill())
  const identity = await identifyProcess(orphan.pid ?? 0)
  assert.ok(identity)
  await writeJsonFile(description.pidFile, identity, 0o600)
  await endLeftover(description)
  assert.equal(await isRunning(identity), false)
})

test('a process ID that now belongs to somebody else is left alone', async (t) => {
  const description = await describeProcess(t, 'exec sleep 600')
  await writeJsonFile(description.pidFile, { pid: process.pid, startTicks: 1 }, 0o600)
  await endLeftover(description)
})

test('a program that cannot run is given up, with where to look', async (t) => {
  const description = await describeProcess(t, 'echo no; exit 3')
  const { signal } = new AbortController()
  const kept = keepRunning(description, { signal, log: () => {}, backoff: new Backoff(1) })
  await assert.rejects(kept, /keeps ending \(last: exit status 3\).*thing\.log/)
})
