import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService } from '../test-service.ts'

test('a bucket store is set, shown without its secret, and taken away', async (t) => {
  const service = await createTestService(t)
  assert.deepEqual(await service.call('GetBucketStore'), { store: null })
  const shown = { endpoint: 'https://s3.example.org', region: 'eu-west-1', accessKeyId: 'AKID' }
  const store = { ...shown, secretAccessKey: 'very secret' }
  assert.deepEqual(await service.call('UpdateBucketStore', { store }), { store: shown })
  const { db } = service.dependencies
  const row = await db.selectFrom('bucket_stores').selectAll().executeTakeFirstOrThrow()
  assert.ok(!row.sealed_secret.includes('very secret'))
  const file = { store: { ...store, endpoint: 'file:///etc/passwd' } }
  await assert.rejects(service.call('UpdateBucketStore', file), { code: 'validation' })
  assert.deepEqual(await service.call('UpdateBucketStore', { store: null }), { store: null })
})
