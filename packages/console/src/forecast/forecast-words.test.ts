import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assumedText } from './forecast-words.ts'

test('what is assumed is said once, and nothing when all was measured', () => {
  const part = { seconds: 1, explanation: '' }
  const measured = { ...part, name: 'LAUNCH', basis: 'THIS_SERVER' } as const
  const assumed = { ...part, name: 'FIRST_BOOT', basis: 'ASSUMED' } as const
  const server = { sourceServerID: 's-1', parts: [measured, assumed] }
  assert.equal(
    assumedText([server, { ...server, sourceServerID: 's-2' }]),
    'Not measured yet, but assumed: first boot.',
  )
  assert.equal(assumedText([{ sourceServerID: 's-1', parts: [measured] }]), undefined)
  assert.equal(assumedText([{ sourceServerID: 's-1', unknown: 'PAUSED' }]), undefined)
})
