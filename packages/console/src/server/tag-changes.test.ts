import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editedFrom, tagChanges } from './tag-changes.ts'

const BEFORE = { tier: 'web', owner: 'eve' }

test('only what was changed is set, and only what is gone is removed', () => {
  assert.deepEqual(tagChanges(BEFORE, editedFrom(BEFORE)), { remove: [], set: {} })
  const edited = [
    { key: 'owner', value: 'eve', existing: true, markedForRemoval: true },
    { key: 'tier', value: 'db', existing: true },
    { key: 'stage', value: '', existing: false },
  ]
  assert.deepEqual(tagChanges(BEFORE, edited), {
    remove: ['owner'],
    set: { tier: 'db', stage: '' },
  })
})

test('a tag that is removed and made anew is only set', () => {
  const edited = [
    { key: 'tier', value: 'web', existing: true, markedForRemoval: true },
    { key: 'tier', value: 'db', existing: false },
    { key: 'owner', value: 'eve', existing: true },
  ]
  assert.deepEqual(tagChanges(BEFORE, edited), { remove: [], set: { tier: 'db' } })
})
