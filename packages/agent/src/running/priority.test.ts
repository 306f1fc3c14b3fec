import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const MODULE = JSON.stringify(import.meta.resolve('./priority.ts'))

/** Shows the niceness of all its threads, of a program it starts, and of its session. */
const PROGRAM = `
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { giveWay, raisedPriority } from ${MODULE}

// The pool's threads begin with the first file that is read.
await readFile('/proc/self/stat')
const session = () => {
  try {
    return / nice (-?\\d+)$/.exec(readFileSync('/proc/self/autogroup', 'utf8').trim())[1]
  } catch {
    // A kernel without: it is as if it followed.
    return String(getPriority())
  }
}
const show = () => {
  const threads = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)))
  console.log([...new Set(threads), Number(execFileSync('nice')), session()].join(' '))
}
giveWay()
show()
{
  using _raised = raisedPriority()
  show()
}
show()
`

test('threads, session and what is started are ordinary until it is disposed', async () => {
  const program = [process.execPath, '--input-type=module', '-e', PROGRAM]
  const alone = ['-n', '7', 'setsid', '--wait', ...program]
  const { stdout } = await promisify(execFile)('nice', alone)
  assert.deepEqual(stdout.trim().split('\n'), ['7 7 7', '0 0 0', '7 7 7'])
})
