import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTag, tagText } from './use-search.ts'

test('a tag is what was typed, so far as it was', () => {
  assert.equal(readTag(''), undefined)
  assert.deepEqual(readTag('Stage'), { key: 'Stage' })
  assert.deepEqual(readTag('Stage='), { key: 'Stage', value: '' })
  assert.deepEqual(readTag('Stage=a=b'), { key: 'Stage', value: 'a=b' })
  for (const typed of ['', 'Stage', 'Stage=', 'Stage=a=b', '=', '=x', 'a b']) {
    assert.equal(tagText(readTag(typed)), typed)
  }
})
