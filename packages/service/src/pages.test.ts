import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageStart, toPage } from './pages.ts'

const rows = [{ seq: 3 }, { seq: 5 }, { seq: 9 }]

test('gives a token only when there is more, and the token leads to the rest', () => {
  const first = toPage(rows, 2, (row) => row.seq)
  assert.deepEqual(first.items, [3, 5])
  assert.deepEqual(pageStart({ maxResults: 2, nextToken: first.nextToken ?? '' }), {
    after: 5,
    limit: 2,
  })
  assert.deepEqual(
    toPage(rows, 3, (row) => row.seq),
    { items: [3, 5, 9] },
  )
})

test('refuses a token that is not ours', () => {
  assert.throws(() => pageStart({ nextToken: 'rubbish' }), { code: 'validation' })
  assert.throws(
    () => pageStart({ nextToken: Buffer.from('{"after":"1"}').toString('base64url') }),
    {
      code: 'validation',
    },
  )
})
