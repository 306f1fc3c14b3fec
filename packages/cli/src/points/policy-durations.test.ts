import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMinutes, parseMinutes } from './policy-durations.ts'

test('reads lengths of time as operators write them', () => {
  assert.equal(parseMinutes('10m'), 10)
  assert.equal(parseMinutes('24h'), 1440)
  assert.equal(parseMinutes('7d'), 10_080)
  assert.equal(parseMinutes('0'), 0)
  for (const text of ['', '10', '10 m', '1.5h', '-1h', '10s', '1h30m', '1w']) {
    assert.throws(() => parseMinutes(text), /such as 10m, 24h or 7d/)
  }
})

test('writes lengths of time so that they can be read again', () => {
  const texts = ['0m', '1m', '10m', '90m', '1h', '2h', '24h', '36h', '2d', '7d', '1441m']
  assert.deepEqual(
    texts.map((text) => formatMinutes(parseMinutes(text))),
    texts,
  )
})
