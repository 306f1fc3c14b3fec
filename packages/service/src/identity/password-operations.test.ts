import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService } from '../test-service.ts'
import { createUser } from './users.ts'

test('whether a user has a password, and since when, is told; not what it is', async (t) => {
  const service = await createTestService(t)
  await createUser(service.dependencies.db, { userName: 'eve', now: service.clock })
  const told = () => service.call<object>('GetUserPassword', { userName: 'eve' })
  assert.deepEqual(await told(), {})
  const password = 'correct horse battery staple'
  await service.call('SetUserPassword', { userName: 'eve', password })
  assert.deepEqual(await told(), { changedAt: service.clock.toISOString() })
  await service.call('RemoveUserPassword', { userName: 'eve' })
  assert.deepEqual(await told(), {})
  await assert.rejects(service.call('GetUserPassword', { userName: 'ann' }), { code: 'not_found' })
})
