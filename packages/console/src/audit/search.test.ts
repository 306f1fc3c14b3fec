import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inputOf, readSearch } from './search.ts'

const inputFor = (address: string) => inputOf(readSearch(new URLSearchParams(address)))

test('an address says which calls are shown', () => {
  assert.deepEqual(inputFor(''), { newestFirst: true, maxResults: 50 })
  assert.deepEqual(
    inputFor(
      'action=mgn:StartTest&caller=eve&from=2026-11-30T20:00:00%2B01:00&result=other&after=t',
    ),
    {
      newestFirst: true,
      maxResults: 50,
      action: 'mgn:StartTest',
      caller: 'eve',
      from: '2026-11-30T19:00:00.000Z',
      isDone: false,
      nextToken: 't',
    },
  )
})

test('what somebody has mistyped in an address is no filter', () => {
  assert.deepEqual(inputFor('from=yesterday&result=maybe'), { newestFirst: true, maxResults: 50 })
})
