import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INSTANCE_DEEDS, permissionFor, refusalOf } from './instance-deeds.ts'

const running = { instanceID: 'i-1', refusals: { StartInstances: 'It runs already.' } }
const stopped = { instanceID: 'i-2', refusals: { StopInstances: 'It does not run.' } }

test('what one of several instances refuses is refused, by its name', () => {
  const start = { action: 'StartInstances' } as const
  assert.equal(refusalOf(start, [running]), 'It runs already.')
  assert.equal(refusalOf(start, [stopped]), undefined)
  assert.equal(refusalOf(start, [stopped, running]), 'i-1: It runs already.')
  assert.equal(refusalOf(start, []), 'Select instances first.')
})

test('every deed is an operation of EC2, and the screen one of ours', () => {
  const permissions = INSTANCE_DEEDS.map(permissionFor)
  assert.ok(permissions.every((action) => /^ec2:[A-Z]\w+Instances$/.test(action)))
  assert.equal(permissionFor({ action: 'OpenInstanceScreen' }), 'landfall:OpenInstanceScreen')
})
