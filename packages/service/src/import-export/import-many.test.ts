import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { withTestDatabase } from '../database/test-database.ts'
import type { ImportTask } from './import-export.fixture.ts'

const ROWS = 10_000
const HEAP_MIB = 128
const MIB = 1024 * 1024

test('ten thousand rows are imported in bounded memory', async (t) => {
  const { connectionString } = await withTestDatabase(t)
  const program = new URL('import-many.fixture.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${HEAP_MIB}`,
    program,
    connectionString,
    String(ROWS),
  ])
  const { bytesRead, task } = JSON.parse(stdout.split('\n', 1).join()) as {
    bytesRead: number
    task: ImportTask
  }
  assert.equal(task.status, 'SUCCEEDED')
  assert.equal(task.summary.servers.createdCount, ROWS)
  // The rows of the whole file, as objects, would not have fitted.
  assert.ok(bytesRead > (HEAP_MIB / 2) * MIB, `${bytesRead} bytes`)
})
