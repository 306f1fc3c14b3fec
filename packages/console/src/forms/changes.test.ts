import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesTo, errorsOf, hasGap, isSame } from './changes.ts'

test('what is not given is as what is undefined, and order of members means nothing', () => {
  assert.ok(isSame({ a: 1, b: undefined }, { a: 1 }))
  assert.ok(isSame({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }))
  assert.ok(!isSame([1], [1, 2]))
  assert.ok(!isSame({ 0: 1 }, [1]))
  assert.ok(!isSame({ a: null }, {}))
})

test('only what is different is a change', () => {
  const saved = { name: 'web', tags: { tier: 'web' }, size: 1 }
  const value = { name: 'web', tags: { tier: 'db' }, size: 1 }
  assert.deepEqual(changesTo(saved, value), { tags: { tier: 'db' } })
  assert.deepEqual(changesTo(saved, { ...saved, tags: { tier: 'web' } }), {})
})

test('an emptied number is found wherever it is', () => {
  assert.ok(hasGap({ disks: [{ iops: Number.NaN }] }))
  assert.ok(!hasGap({ disks: [{ iops: 0, name: '' }], size: undefined }))
})

test('errors go to their member, and what is below it', () => {
  const errors = [
    { name: 'small', message: 'a' },
    { name: 'small.iops', message: 'b' },
    { name: 'smaller', message: 'c' },
  ]
  assert.deepEqual(errorsOf(errors, 'small'), [
    { name: '', message: 'a' },
    { name: 'iops', message: 'b' },
  ])
  assert.deepEqual(errorsOf(errorsOf(errors, 'small'), 'iops'), [{ name: '', message: 'b' }])
})
