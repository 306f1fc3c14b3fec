import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findInvocationTransition,
  INVOCATION_EVENTS,
  INVOCATION_STATUSES,
  INVOCATION_TRANSITIONS,
  isEnded,
} from './invocations.ts'

test('every event has a row, and no event has two rows for one status', () => {
  for (const event of INVOCATION_EVENTS) {
    const rows = INVOCATION_TRANSITIONS.filter((row) => row.event === event)
    assert.notEqual(rows.length, 0, `${event} has no row`)
    for (const status of INVOCATION_STATUSES) {
      assert.ok(
        rows.filter((row) => row.from.includes(status)).length <= 1,
        `${event} has two rows for ${status}`,
      )
    }
  }
})

test('a command that has ended stays as it ended, and every other can end', () => {
  assert.deepEqual(INVOCATION_STATUSES.filter(isEnded), [
    'Success',
    'Cancelled',
    'Failed',
    'TimedOut',
  ])
  for (const status of INVOCATION_STATUSES.filter((one) => !isEnded(one))) {
    assert.equal(findInvocationTransition('InstanceGone', status)?.to, 'Failed')
  }
})

test('only what was delivered has an outcome, and only what was cancelled is cancelled', () => {
  for (const event of ['Succeeded', 'Failed', 'TimedOut'] as const) {
    assert.equal(findInvocationTransition(event, 'Pending'), undefined)
  }
  assert.equal(findInvocationTransition('Cancelled', 'InProgress'), undefined)
  assert.equal(findInvocationTransition('CancelAsked', 'Pending')?.to, 'Cancelled')
  assert.equal(findInvocationTransition('CancelAsked', 'InProgress')?.to, 'Cancelling')
})
