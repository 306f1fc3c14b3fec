import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passages } from './lifecycle-path.ts'

const passagesOf = (state: Parameters<typeof passages>[0]) =>
  passages(state).map(([, passage]) => passage)

test('what lies behind is done, what lies ahead is not, and one step is the current one', () => {
  assert.deepEqual(passagesOf('TESTING'), ['done', 'done', 'current', 'ahead', 'ahead', 'ahead'])
  assert.equal(passagesOf('NOT_READY')[0], 'current')
  assert.equal(passagesOf('CUTOVER').at(-1), 'current')
})

test('a server that has left the way, or is not on it yet, is at no step of it', () => {
  for (const state of ['STOPPED', 'DISCONNECTED', 'DISCOVERED'] as const) {
    assert.deepEqual(new Set(passagesOf(state)), new Set(['ahead']))
  }
})
