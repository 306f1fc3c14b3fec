import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tagChanges } from './tags.ts'

const BEFORE = { tier: 'web', owner: 'eve' }

test('only what was changed is set, and only what is gone is removed', () => {
  assert.deepEqual(tagChanges(BEFORE, BEFORE), { remove: [], set: {} })
  assert.deepEqual(tagChanges(BEFORE, { tier: 'db', stage: '' }), {
    remove: ['owner'],
    set: { tier: 'db', stage: '' },
  })
})
