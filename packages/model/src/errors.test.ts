import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCode, errorText, LandfallError } from './errors.ts'

test('the code of a wrapped error is found; anything unknown is internal', () => {
  const inner = new LandfallError('not_found', 'No such point')
  assert.equal(errorCode(new Error('export', { cause: inner })), 'not_found')
  assert.equal(errorCode(new Error('boom')), 'internal')
  assert.equal(errorCode('text'), 'internal')
})

test('the text of an error tells its causes', () => {
  assert.equal(errorText(new Error('a', { cause: new Error('b') })), 'a: b')
})
