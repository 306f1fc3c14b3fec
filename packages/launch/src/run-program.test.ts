import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ProgramFailed, runProgram } from './run-program.ts'

test('arguments reach the program as they are, without a shell', async () => {
  const hostile = `$(id) ; 'a' "b" \\ \n`
  assert.equal(await runProgram('printf', ['%s', hostile]), hostile)
})

test('a failure carries the exit status and the end of what was said', async () => {
  const failing = runProgram('sh', ['-c', 'echo "no such thing" >&2; exit 3'])
  await assert.rejects(failing, (error: unknown) => {
    assert.ok(error instanceof ProgramFailed)
    assert.equal(error.exitStatus, 3)
    assert.match(error.message, /^sh ended with 3: no such thing$/)
    return true
  })
})

test('a program that cannot be started is an error', async () => {
  await assert.rejects(runProgram('no-such-program-here', []), { code: 'ENOENT' })
})

test('lines come as they are printed, those that overwrite each other too', async () => {
  const lines: string[] = []
  await runProgram('printf', ['a\\rb\\nc\\n'], { onLine: (line) => void lines.push(line) })
  assert.deepEqual(lines, ['a', 'b', 'c'])
})

test('an aborted program has ended when the call does', async () => {
  const controller = new AbortController()
  let pid = 0
  const running = runProgram('sh', ['-c', 'trap "" TERM; echo $$; while :; do sleep 0.05; done'], {
    signal: controller.signal,
    killSignal: 'SIGKILL',
    onLine: (line) => {
      pid = Number(line)
      controller.abort()
    },
  })
  await assert.rejects(running, { name: 'AbortError' })
  assert.notEqual(pid, 0)
  await assert.rejects(readFile(`/proc/${pid}/cmdline`), { code: 'ENOENT' })
})
