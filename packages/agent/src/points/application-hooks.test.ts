import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationHooks, type ApplicationHooksOptions } from './application-hooks.ts'
import { FreezeMarker } from './freeze-marker.ts'
import { killLeftOverHook } from './hook-run.ts'

const LIMIT = { timeout: 60_000 }
const { signal } = new AbortController()

/** A folder of hooks that note what they are told in one file. */
class HookFolder {
  readonly folder: string
  readonly stateDir: string
  readonly log: string[] = []

  constructor(t: TestContext) {
    this.folder = mkdtempSync('/var/tmp/landfall-hooks-')
    this.stateDir = mkdtempSync('/dev/shm/landfall-hooks-')
    t.after(() => this.#end())
    t.after(() => rmSync(this.stateDir, { recursive: true }))
    writeFileSync(this.recordFile, '')
    chmodSync(this.folder, 0o755)
  }

  get recordFile(): string {
    return path.join(this.stateDir, 'record')
  }

  /** What the hooks were told, in order. */
  get record(): string[] {
    return readFileSync(this.recordFile, 'utf8').trim().split('\n')
  }

  add(name: string, script = '', mode = 0o755): string {
    const hook = path.join(this.folder, name)
    writeFileSync(hook, `#!/bin/sh\necho "${name} $1" >>'${this.recordFile}'\n${script}\n`)
    chmodSync(hook, mode)
    return hook
  }

  /** Also what a test that failed left running. */
  async #end(): Promise<void> {
    for (const name of readdirSync(this.folder)) {
      const hook = path.join(this.folder, name)
      for (const word of ['freeze', 'thaw'] as const) await killLeftOverHook(hook, word)
    }
    rmSync(this.folder, { recursive: true })
  }

  hooks(options: Partial<ApplicationHooksOptions> = {}): ApplicationHooks {
    return new ApplicationHooks({
      marker: new FreezeMarker(this.stateDir),
      log: (message) => this.log.push(message),
      folder: this.folder,
      ...options,
    })
  }
}

test('tells hooks to freeze in the order of their names, and to thaw in reverse', async (t) => {
  const folder = new HookFolder(t)
  folder.add('20-web', 'echo "the web says $1"')
  folder.add('10-database')
  folder.add('10-database.dpkg-old')
  folder.add('README', '', 0o644)
  const hooks = folder.hooks()
  await hooks.freeze(signal)
  assert.equal(hooks.areAtRest, true)
  await hooks.thaw()
  assert.equal(hooks.areAtRest, false)
  assert.deepEqual(hooks.failures, [])
  assert.deepEqual(folder.record, [
    '10-database freeze',
    '20-web freeze',
    '20-web thaw',
    '10-database thaw',
  ])
  assert.ok(folder.log.some((line) => line.endsWith('20-web freeze: the web says freeze')))
  await hooks.thaw()
  assert.equal(folder.record.length, 4)
})

test('without a folder, or with an empty one, nothing is at rest and nothing failed', async (t) => {
  const folder = new HookFolder(t)
  for (const hooks of [folder.hooks(), folder.hooks({ folder: '/nonexistent/hooks' })]) {
    await hooks.freeze(signal)
    assert.equal(hooks.areAtRest, false)
    assert.deepEqual(hooks.failures, [])
  }
})

test('a hook that fails lets all that were told go on, and is not tried again', async (t) => {
  const folder = new HookFolder(t)
  folder.add('1-good')
  const bad = folder.add('2-bad', '[ $1 = thaw ] || { echo "no such database" >&2; exit 3; }')
  folder.add('3-never')
  const hooks = folder.hooks()
  await hooks.freeze(signal)
  assert.equal(hooks.areAtRest, false)
  assert.deepEqual(hooks.failures, [
    { what: bad, why: 'freeze failed with status 3: no such database' },
  ])
  await hooks.freeze(signal)
  assert.deepEqual(folder.record, ['1-good freeze', '2-bad freeze', '2-bad thaw', '1-good thaw'])
})

test('applications that rested for nothing go on, and are left alone', async (t) => {
  const folder = new HookFolder(t)
  folder.add('1-hook')
  const hooks = folder.hooks()
  await hooks.freeze(signal)
  await hooks.giveUp('the freeze hooks', 'too much waits to be sent')
  assert.equal(hooks.areAtRest, false)
  await hooks.freeze(signal)
  await hooks.thaw()
  assert.deepEqual(folder.record, ['1-hook freeze', '1-hook thaw'])
  assert.deepEqual(hooks.failures, [{ what: 'the freeze hooks', why: 'too much waits to be sent' }])
})

test('a hook that hangs is killed with its children, in freeze and in thaw', LIMIT, async (t) => {
  const folder = new HookFolder(t)
  const alive = path.join(folder.stateDir, 'alive')
  folder.add('1-hangs', `sh -c "sleep 1000; touch ${alive}" & echo $! >${alive}.pid; wait`)
  folder.add('2-never')
  const hooks = folder.hooks({ freezeMsMax: 500, thawMsMax: 500 })
  await hooks.freeze(signal)
  const reasons = hooks.failures.map(({ why }) => why)
  assert.match(reasons[0] ?? '', /^freeze did not end within/)
  assert.match(reasons[1] ?? '', /^thaw did not end within.*may still be at rest/)
  assert.deepEqual(folder.record, ['1-hangs freeze', '1-hangs thaw'])
  const child = readFileSync(`${alive}.pid`, 'utf8').trim()
  // Gone, or dead and waiting to be reaped.
  const line = existsSync(`/proc/${child}`) ? readFileSync(`/proc/${child}/cmdline`, 'utf8') : ''
  assert.equal(line, '')
})

test('a hook that is no program fails and does not throw', async (t) => {
  const folder = new HookFolder(t)
  const hook = folder.add('1-text')
  writeFileSync(hook, '#!/nonexistent/interpreter\n')
  const hooks = folder.hooks()
  await hooks.freeze(signal)
  assert.match(hooks.failures[0]?.why ?? '', /freeze cannot be started.*ENOENT/)
})

test('what a hook leaves running holds until the thaw', async (t) => {
  const folder = new HookFolder(t)
  // As a session that holds a lock: it ends when it can no longer write.
  const held = `while sleep 0.05; do echo held || exit; done &\necho $! >'${folder.stateDir}/pid'`
  folder.add(
    '1-lock',
    `case $1 in freeze) ${held} ;; thaw) kill $(cat ${folder.stateDir}/pid) ;; esac`,
  )
  const hooks = folder.hooks()
  await hooks.freeze(signal)
  assert.equal(hooks.areAtRest, true)
  await sleep(500)
  const holder = Number(readFileSync(path.join(folder.stateDir, 'pid'), 'utf8'))
  process.kill(holder, 0)
  await hooks.thaw()
  assert.deepEqual(hooks.failures, [])
})

test('runs nothing that others than root could have written, and says what to do', async (t) => {
  const folder = new HookFolder(t)
  const failuresOf = async () => {
    const hooks = folder.hooks()
    await hooks.freeze(signal)
    assert.equal(hooks.areAtRest, false)
    return hooks.failures
  }
  const hook = folder.add('1-hook')
  folder.add('2-fine')
  chmodSync(hook, 0o775)
  const [writable] = await failuresOf()
  assert.equal(writable?.what, hook)
  assert.match(writable?.why ?? '', /not run: .*written by others than root \(chmod go-w/)
  chmodSync(hook, 0o755)
  chownSync(hook, 1000, 0)
  assert.match((await failuresOf())[0]?.why ?? '', /belongs to user 1000.*chown root/)
  chownSync(hook, 0, 0)
  chmodSync(folder.folder, 0o1777)
  const [open] = await failuresOf()
  assert.equal(open?.what, folder.folder)
  assert.equal(readFileSync(folder.recordFile, 'utf8'), '')
})

test('an interrupted freeze throws, and the thaw reaches whoever was told', LIMIT, async (t) => {
  const folder = new HookFolder(t)
  folder.add('1-slow', '[ $1 = thaw ] || sleep 1000')
  const abort = new AbortController()
  const hooks = folder.hooks()
  const freezing = assert.rejects(hooks.freeze(abort.signal), /enough/)
  while (folder.record[0] === '') await sleep(20)
  abort.abort(new Error('enough'))
  await freezing
  await hooks.thaw()
  assert.deepEqual(folder.record, ['1-slow freeze', '1-slow thaw'])
})

test(
  'after an agent that was killed the next one ends its hooks and thaws them',
  LIMIT,
  async (t) => {
    const folder = new HookFolder(t)
    folder.add('1-done')
    folder.add('2-hangs', '[ $1 = thaw ] || sleep 1000')
    const sourceOf = (file: string) => JSON.stringify(import.meta.resolve(file))
    const program = `
    import { ApplicationHooks } from ${sourceOf('./application-hooks.ts')}
    import { FreezeMarker } from ${sourceOf('./freeze-marker.ts')}
    const marker = new FreezeMarker(${JSON.stringify(folder.stateDir)})
    const folder = ${JSON.stringify(folder.folder)}
    const hooks = new ApplicationHooks({ marker, folder, log: () => undefined })
    await hooks.freeze(new AbortController().signal)
  `
    const agent = spawn(process.execPath, ['--input-type=module', '-e', program])
    while (folder.record.length < 2) await sleep(20)
    agent.kill('SIGKILL')
    await once(agent, 'exit')
    const log: string[] = []
    await new FreezeMarker(folder.stateDir).thawLeftOver((message) => log.push(message))
    const expected = ['1-done freeze', '2-hangs freeze', '2-hangs thaw', '1-done thaw']
    assert.deepEqual(folder.record, expected)
    assert.deepEqual(log, [])
    // Once: the note of it is gone.
    await new FreezeMarker(folder.stateDir).thawLeftOver()
    assert.deepEqual(folder.record, expected)
  },
)
