import assert from 'node:assert/strict'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { InstanceStep } from '@landfall/model'
import { runCommand } from './run-command.ts'

async function runner(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-command-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const steps = (list: readonly (Partial<InstanceStep> & { script: string })[]) =>
    list.map((step, index) => ({ name: `step${index}`, timeoutSeconds: 60, ...step }))
  const run = (
    list: readonly (Partial<InstanceStep> & { script: string })[],
    signal = new AbortController().signal,
  ) => runCommand({ commandID: 'c', steps: steps(list) }, { folder, instanceID: 'i-1', signal })
  const one = async (step: Partial<InstanceStep> & { script: string }) => {
    const result = (await run([step])).steps[0]
    assert.ok(result)
    return result
  }
  return { folder, run, one }
}

test('a script is run by sh in a folder of its own, or by the shell that it names', async (t) => {
  const { folder, one } = await runner(t)
  const script = 'pwd; echo "$AWS_SSM_INSTANCE_ID $HOME $#"; umask; ls -l _script.sh'
  const { stdout, ...rest } = await one({ script })
  assert.partialDeepStrictEqual(rest, { status: 'Success', exitStatus: 0, stderr: '' })
  assert.match(stdout, new RegExp(`^${folder}/0\ni-1 /root 0\n0022\n-rwx------`))
  assert.equal((await one({ script: 'pwd', workingDirectory: '/usr' })).stdout, '/usr\n')
  const bash = await one({ script: '#!/bin/bash\necho ${BASH_VERSION:+bash}' })
  assert.equal(bash.stdout, 'bash\n')
  assert.partialDeepStrictEqual(await one({ script: 'echo oops >&2; exit 3' }), {
    status: 'Failed',
    exitStatus: 3,
    stderr: 'oops\n',
  })
  assert.equal((await one({ script: 'kill -KILL $$' })).exitStatus, 137)
  const nowhere = await one({ script: 'pwd', workingDirectory: '/nowhere' })
  assert.equal(nowhere.exitStatus, -1)
  assert.match(nowhere.stderr, /cannot be started in \/nowhere/)
})

test('of much output the beginning is kept, as the service can keep it', async (t) => {
  const { run, one } = await runner(t)
  const much = await one({ script: 'yes | head -c 10000000; yes no | head -c 100000 >&2' })
  assert.equal(much.status, 'Success')
  assert.equal(much.stdout.length, 24_000)
  assert.match(much.stdout, /^(y\n)+y?\n--output truncated--$/)
  assert.equal(much.stderr.length, 8000)
  const odd = await one({ script: String.raw`printf 'a\000b\377c'` })
  assert.equal(odd.stdout, 'a\uFFFDb\uFFFDc')
  const script = 'yes | head -c 30000; yes no | head -c 10000 >&2'
  const { steps } = await run(Array.from({ length: 6 }, () => ({ script })))
  const kept = steps.reduce((sum, step) => sum + step.stdout.length + step.stderr.length, 0)
  assert.ok(kept <= 120_000, `${kept} characters`)
  assert.equal(steps.length, 6)
})

test('a script that takes too long is ended, with all that it started', async (t) => {
  const { folder, run } = await runner(t)
  const pids = join(folder, 'pids')
  const marker = join(folder, 'cleaned')
  // One child does as it is told, another does not listen.
  const script = [
    `sh -c 'trap "" TERM; while :; do sleep 600; done' & echo $! >>${pids}`,
    `trap 'touch ${marker}; exit 0' TERM`,
    `echo $$ >>${pids}; echo begun; sleep 600 & wait`,
  ].join('\n')
  const { status, steps } = await run([{ script, timeoutSeconds: 1 }])
  assert.equal(status, 'TimedOut')
  assert.partialDeepStrictEqual(steps, [{ status: 'TimedOut', exitStatus: -1, stdout: 'begun\n' }])
  await access(marker)
  for (const pid of (await readFile(pids, 'utf8')).trim().split('\n')) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone')
    assert.match(state, /^gone$|\) Z /, `${pid} goes on`)
  }
})

test('a script may leave something running, and nobody waits for it', async (t) => {
  const { folder, one } = await runner(t)
  const pid = join(folder, 'pid')
  const script = `sleep 600 & echo $! >${pid}; echo started`
  assert.partialDeepStrictEqual(await one({ script }), { status: 'Success', stdout: 'started\n' })
  process.kill(Number(await readFile(pid, 'utf8')))
})

test('what a failed step does to the others is what it says', async (t) => {
  const { run } = await runner(t)
  const outcome = async (list: Parameters<typeof run>[0]) => {
    const { status, steps } = await run(list)
    return [status, ...steps.map((step) => `${step.name} ${step.status}`)]
  }
  const [good, bad] = [{ script: 'true' }, { script: 'false' }]
  assert.deepEqual(await outcome([bad, good]), ['Failed', 'step0 Failed', 'step1 Success'])
  const last = { ...good, isFinally: true }
  assert.deepEqual(await outcome([{ ...bad, onFailure: 'exit' }, good, last]), [
    'Failed',
    'step0 Failed',
    'step2 Success',
  ])
  assert.deepEqual(await outcome([{ ...bad, onFailure: 'successAndExit' }, good]), [
    'Success',
    'step0 Failed',
  ])
  assert.deepEqual(await outcome([{ ...bad, isSkipped: true }, good]), [
    'Success',
    'step0 Success',
    'step1 Success',
  ])
  const slow = { script: 'sleep 600', timeoutSeconds: 1 }
  assert.deepEqual(await outcome([slow, bad]), ['Failed', 'step0 TimedOut', 'step1 Failed'])
})

test('a cancelled command ends where it is', async (t) => {
  const { folder, run } = await runner(t)
  const cancel = new AbortController()
  const marker = join(folder, 'begun')
  const ended = run([{ script: `touch ${marker}; sleep 600` }, { script: 'true' }], cancel.signal)
  while (
    !(await access(marker).then(
      () => true,
      () => false,
    ))
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  cancel.abort()
  const { status, steps } = await ended
  assert.equal(status, 'Cancelled')
  assert.deepEqual(
    steps.map((step) => step.status),
    ['Cancelled'],
  )
})
