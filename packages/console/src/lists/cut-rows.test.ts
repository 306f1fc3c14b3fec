import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutRows } from './cut-rows.ts'

const names = Array.from({ length: 120 }, (_, index) => `Server ${index}`)
const nameOf = (name: string) => name

test('rows are found by a part of their text and shown a page at a time', () => {
  const first = cutRows(names, { text: '', page: 1 }, nameOf)
  assert.deepEqual([first.rows.length, first.total, first.pages], [50, 120, 3])
  const last = cutRows(names, { text: '', page: 3 }, nameOf)
  assert.deepEqual([last.rows.length, last.rows[0]], [20, 'Server 100'])
  const found = cutRows(names, { text: 'server 11', page: 1 }, nameOf)
  assert.deepEqual([found.total, found.pages], [11, 1])
})

test('the last page is shown in the place of one that is not there any more', () => {
  assert.equal(cutRows(names, { text: '', page: 9 }, nameOf).page, 3)
  assert.deepEqual(cutRows([], { text: '', page: 2 }, nameOf).page, 1)
})
