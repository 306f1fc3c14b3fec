import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileName } from './file-name.ts'

test('a file gets a name that buckets and imports take', () => {
  assert.equal(fileName('servers.csv'), 'servers.csv')
  assert.equal(fileName('Server (Köln).CSV'), 'Server-K-ln-.csv')
  assert.equal(fileName('../../etc/passwd'), '..-..-etc-passwd.csv')
  assert.equal(fileName('list.txt'), 'list.txt.csv')
  assert.equal(fileName('.csv'), 'inventory.csv')
})
