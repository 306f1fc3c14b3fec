import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERROR_CODES, LandfallError } from '@landfall/model'
import { runCommandLine } from './command-line.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { createOutput } from './output.ts'

function run(args: readonly string[]) {
  const said: string[] = []
  const stream = { write: (text: string) => said.push(text) }
  const status = runCommandLine(args, {
    output: createOutput({ out: stream, notes: stream, now: () => 0 }),
    signal: new AbortController().signal,
    environment: {},
    mainPath: '',
  })
  return { status, said }
}

test('every error code has an exit status of its own, none of them success', () => {
  const statuses = ERROR_CODES.map((code) => EXIT_CODES[code])
  assert.equal(new Set(statuses).size, ERROR_CODES.length)
  assert.ok(!statuses.includes(0))
})

test('an expected failure is one sentence with its remedy, and the exit status of its code', async () => {
  const { status, said } = run(['env', '--data-dir', '/nonexistent/landfall'])
  assert.equal(await status, EXIT_CODES[new LandfallError('unavailable', '').code])
  assert.equal(said.length, 1)
  assert.match(said[0] ?? '', /^landfall: No landfall installation in .* `landfall up /)
})
