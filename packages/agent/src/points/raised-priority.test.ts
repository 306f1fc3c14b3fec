import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const MODULE = JSON.stringify(import.meta.resolve('./raised-priority.ts'))

/** Shows its niceness, that of all its threads, and that of a program it starts. */
const PROGRAM = `
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { raisedPriority } from ${MODULE}

// The pool's threads begin with the first file that is read.
await readFile('/proc/self/stat')
const show = () => {
  const threads = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)))
  console.log([...new Set(threads), Number(execFileSync('nice'))].join(' '))
}
show()
{
  using _raised = raisedPriority()
  show()
}
show()
`

test('all threads, and what is started, are ordinary until it is disposed', async () => {
  const program = [process.execPath, '--input-type=module', '-e', PROGRAM]
  const { stdout } = await promisify(execFile)('nice', ['-n', '7', ...program])
  assert.deepEqual(stdout.trim().split('\n'), ['7 7', '0 0', '7 7'])
})
