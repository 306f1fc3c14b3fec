import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from './database.ts'
import { withTestDatabase } from './test-database.ts'

test('migrating twice, and from two services at once, changes nothing', async (t) => {
  const { db } = await withTestDatabase(t)
  await Promise.all([migrate(db), migrate(db)])
  assert.deepEqual(await db.selectFrom('users').selectAll().execute(), [])
})
