import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editedFrom, tagsFrom } from './edited-tags.ts'

test('tags that nobody edited are as they were', () => {
  const tags = { tier: 'web', owner: 'eve' }
  assert.deepEqual(tagsFrom(editedFrom(tags)), tags)
})

test('a tag that is removed is gone, unless it is made anew', () => {
  const edited = [
    { key: 'tier', value: 'web', existing: true, markedForRemoval: true },
    { key: 'tier', value: 'db', existing: false },
    { key: 'owner', value: 'eve', existing: true, markedForRemoval: true },
  ]
  assert.deepEqual(tagsFrom(edited), { tier: 'db' })
})
