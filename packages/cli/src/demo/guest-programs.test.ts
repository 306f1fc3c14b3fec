import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

/** The programs in the demo's source server, run here. */
const PROGRAMS = join(import.meta.dirname, 'guest')
const RECORD_BYTES = 128

async function prepared(t: TestContext) {
  const folder = await mkdtemp('/tmp/landfall-records-')
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'records')
  const env = { ...process.env, LANDFALL_DEMO_RECORDS: path }
  /** Lets the writer acknowledge so many records, then goes away; the last number heard. */
  const write = async (count: number) => {
    const writer = spawn('perl', [join(PROGRAMS, 'landfall-demo-writer'), '0.001'], { env })
    let last = 0
    for await (const line of createInterface({ input: writer.stdout })) {
      last = Number(line)
      if (--count === 0) break
    }
    writer.kill('SIGKILL')
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
    return last
  }
  const check = () =>
    promisify(execFile)('perl', [join(PROGRAMS, 'landfall-demo-check')], { env }).then(
      ({ stdout }) => ({ line: stdout.trim(), passed: true }),
      ({ stdout }: { stdout: string }) => ({ line: stdout.trim(), passed: false }),
    )
  return { path, write, check }
}

test('what the writer acknowledged is in the file, and it goes on where it ended', async (t) => {
  const scene = await prepared(t)
  const first = await scene.write(5)
  const second = await scene.write(5)
  assert.ok(second >= first + 5)
  const { line, passed } = await scene.check()
  const last = Number(/ first=1 last=(\d+) bad=0 torn=0$/.exec(line)?.[1])
  assert.ok(passed && last >= second, line)
})

test('an unfinished record is told apart from a bad one, and replaced by the next', async (t) => {
  const scene = await prepared(t)
  await scene.write(3)
  await appendFile(scene.path, 'unfinished')
  const torn = await scene.check()
  assert.match(torn.line, / bad=0 torn=10$/)
  assert.ok(torn.passed)
  await scene.write(1)
  assert.match((await scene.check()).line, / bad=0 torn=0$/)
})

test('a changed byte and a missing record are found', async (t) => {
  const scene = await prepared(t)
  await scene.write(6)
  const whole = await readFile(scene.path)
  {
    await using file = await open(scene.path, 'r+')
    await file.write('X', 2 * RECORD_BYTES + 20)
  }
  const changed = await scene.check()
  assert.match(changed.line, / bad=1 torn=0$/)
  assert.ok(!changed.passed)
  {
    await using file = await open(scene.path, 'w')
    await file.write(whole.subarray(0, RECORD_BYTES))
    await file.write(whole.subarray(2 * RECORD_BYTES))
  }
  assert.doesNotMatch((await scene.check()).line, / bad=0 /)
})

test('without records there are none, and none is bad', async (t) => {
  const scene = await prepared(t)
  assert.equal((await scene.check()).line, 'LANDFALL-DEMO records=0 first=0 last=0 bad=0 torn=0')
})
