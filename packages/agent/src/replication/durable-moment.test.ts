import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DurableMoment } from './durable-moment.ts'

const ALL = { isAllInFlight: true }

test('a flush with nothing in flight makes the moment of its beginning durable', () => {
  const moments = new DurableMoment()
  moments.end(moments.begin(), { isWritten: true })
  moments.flushBegins(1000, ALL)
  assert.equal(moments.flushEnds(), 1000)
})

test('what was in flight when a flush began is durable only with a later flush', () => {
  const moments = new DurableMoment()
  const ticket = moments.begin()
  moments.flushBegins(1000, ALL)
  moments.end(ticket, { isWritten: true })
  assert.equal(moments.flushEnds(), undefined)
  // In flight now, and begun after the moment: not waited for.
  moments.begin()
  moments.flushBegins(2000, ALL)
  assert.equal(moments.flushEnds(), 1000)
})

test('no moment is durable while much is dirty, nor when an extent of it did not arrive', () => {
  const moments = new DurableMoment()
  moments.flushBegins(1000, { isAllInFlight: false })
  assert.equal(moments.flushEnds(), undefined)
  const ticket = moments.begin()
  moments.flushBegins(2000, ALL)
  moments.end(ticket, { isWritten: false })
  moments.flushBegins(3000, ALL)
  assert.equal(moments.flushEnds(), 3000)
})

test('one extent that takes long does not hide that later ones were not flushed', () => {
  const moments = new DurableMoment()
  const slow = moments.begin()
  moments.end(moments.begin(), { isWritten: true })
  moments.flushBegins(1000, ALL)
  assert.equal(moments.flushEnds(), undefined)
  moments.flushBegins(2000, ALL)
  assert.equal(moments.flushEnds(), undefined)
  moments.end(slow, { isWritten: true })
  moments.flushBegins(3000, ALL)
  assert.equal(moments.flushEnds(), 1000)
})
