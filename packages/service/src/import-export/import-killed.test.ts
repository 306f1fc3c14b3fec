import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importExportService } from './import-export.fixture.ts'
import { TaskRunner } from './task-runner.ts'

const ROWS = 40

test('an import that is stopped again and again does every row once', async (t) => {
  const { service, buckets } = await importExportService(t)
  const rows = Array.from(
    { length: ROWS },
    (_, n) => `host-${n},host-${n}.example.org,App ${n % 3}`,
  )
  const header = 'mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework,mgn:app:name'
  buckets.files.set('inventory/in.csv', [header, ...rows].join('\n'))
  await service.call('StartImport', {
    s3BucketSource: { s3Bucket: 'inventory', s3Key: 'in.csv' },
  })
  const { db } = service.dependencies
  const task = () => db.selectFrom('imports').selectAll().executeTakeFirstOrThrow()
  let stops = 0
  while ((await task()).ended_at === null) {
    const stopping = new AbortController()
    const stopAt = (await task()).rows_done + 7
    // The clock is read for every row: a place to stop in the midst of one.
    const now = () => {
      if (stopAt <= calls++) stopping.abort(new Error('killed'))
      return service.clock
    }
    let calls = (await task()).rows_done
    await new TaskRunner({ ...service.dependencies, now }, stopping.signal).look()
    stops += 1
  }
  assert.ok(stops > 3, `${stops} stops`)
  const { status, rows_done: done, rows_total: total } = await task()
  assert.deepEqual({ status, done, total }, { status: 'SUCCEEDED', done: ROWS, total: ROWS })
  const { count } = await db
    .selectFrom('source_servers')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  assert.equal(Number(count), ROWS)
  const left = await db.selectFrom('import_rows').select('row_number').execute()
  assert.deepEqual(left, [])
})
