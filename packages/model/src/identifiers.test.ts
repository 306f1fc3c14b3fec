import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arnOf, isId, newId } from './identifiers.ts'

test('a new ID is recognised as its own kind and no other', () => {
  const id = newId('sourceServer')
  assert.match(id, /^s-[0-9a-zA-Z]{17}$/)
  assert.ok(isId('sourceServer', id))
  assert.ok(!isId('job', id))
  assert.ok(!isId('sourceServer', `${id}0`))
})

test('an ARN names region, account, resource and ID', () => {
  assert.equal(
    arnOf('sourceServer', 's-1', { region: 'lf-local-1', accountID: '111122223333' }),
    'arn:aws:mgn:lf-local-1:111122223333:source-server/s-1',
  )
})
