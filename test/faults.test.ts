import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

/** Those that are quick, and that no other test causes; `npm run test:faults` has them all. */
const FAULTS = [
  'network cut',
  'reset in the middle of a frame',
  'bad frames',
  'filesystems are frozen',
  'trace buffer overrun',
]

/** Many times what they take. */
const MS_MAX = 600_000

test('faults of the network, the protocol, a freeze and the tracing are survived', () => {
  const only = FAULTS.flatMap((name) => ['--only', name])
  const program = join(import.meta.dirname, 'faults', 'main.ts')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--seed', '1', ...only],
    {
      encoding: 'utf8',
      timeout: MS_MAX,
    },
  )
  assert.equal(status, 0, stdout + stderr)
  assert.match(stdout, /6 of 6 faults survived/)
})
