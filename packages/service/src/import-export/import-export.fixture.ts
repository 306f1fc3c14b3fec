import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { MemoryBuckets } from '../buckets/memory-buckets.fixture.ts'
import { createTestService, type TestService, type TestServiceOptions } from '../test-service.ts'
import { TaskRunner } from './task-runner.ts'

export interface ImportTask {
  readonly importID: string
  readonly status: string
  readonly progressPercentage: number
  readonly summary: Readonly<
    Record<'waves' | 'applications' | 'servers', { createdCount: number; modifiedCount: number }>
  >
}

export interface ExportTask {
  readonly exportID: string
  readonly status: string
  readonly summary: { serversCount: number; applicationsCount: number; wavesCount: number }
}

const BUCKET = 'inventory'

/** A service whose imports and exports run when a test says so. */
export async function importExportService(
  t: TestContext,
  options: Omit<TestServiceOptions, 'db' | 'buckets'> = {},
) {
  const buckets = new MemoryBuckets()
  const service = await createTestService(t, { buckets, ...options })
  const runner = new TaskRunner(service.dependencies, service.stopping.signal)
  return {
    service,
    buckets,

    /** Imports the text of a file, and tells how it ended: the task and its errors. */
    async import(text: string) {
      buckets.files.set(`${BUCKET}/in.csv`, text)
      const { importTask } = await service.call<{ importTask: ImportTask }>('StartImport', {
        s3BucketSource: { s3Bucket: BUCKET, s3Key: 'in.csv' },
      })
      await runner.look()
      return result(service, importTask.importID)
    },

    /** Exports, and tells the task with the text of the file. */
    async export() {
      const { exportTask } = await service.call<{ exportTask: ExportTask }>('StartExport', {
        s3Bucket: BUCKET,
        s3Key: 'out.csv',
      })
      await runner.look()
      const filters = { exportIDs: [exportTask.exportID] }
      const { items } = await service.call<{ items: ExportTask[] }>('ListExports', { filters })
      assert.ok(items[0])
      return { ...items[0], text: buckets.files.get(`${BUCKET}/out.csv`) ?? '' }
    },
  }
}

async function result(service: TestService, importID: string) {
  const filters = { importIDs: [importID] }
  const { items } = await service.call<{ items: ImportTask[] }>('ListImports', { filters })
  const errors = await service.call<{
    items: { errorType: string; errorData: { rowNumber?: number; rawError: string } }[]
  }>('ListImportErrors', { importID })
  assert.ok(items[0])
  return {
    ...items[0],
    errors: errors.items.map(({ errorData }) => `${errorData.rowNumber}: ${errorData.rawError}`),
  }
}
