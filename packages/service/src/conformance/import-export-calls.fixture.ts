import { Readable } from 'node:stream'
import { TaskRunner } from '../import-export/task-runner.ts'
import type { World } from './lifecycle-story.fixture.ts'
import { callersOf } from './service-client.fixture.ts'

const BUCKET = 'inventory'

const NAMES = 'mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework'
const FILES = {
  'good.csv': `${NAMES},mgn:app:name\nweb-1,web1.example.org,Imported\n`,
  'wrong.csv': `${NAMES}\n,one.example.org\n,two.example.org\n`,
}

/** An import that succeeds, one of two wrong rows, and two exports, all of them run. */
export async function callImportsAndExports({ client, landfall }: World) {
  const { mgn } = callersOf(client)
  const { dependencies, stopping } = landfall
  const { buckets } = dependencies
  for (const [key, text] of Object.entries(FILES)) {
    const location = { bucket: BUCKET, key, owner: null }
    await buckets.put(location, Readable.from([text]), stopping.signal)
  }
  type Started = { readonly importTask: { readonly importID: string } }
  const start = (s3Key: keyof typeof FILES) =>
    mgn<Started>('StartImport', {
      s3BucketSource: { s3Bucket: BUCKET, s3Key, s3BucketOwner: '123456789012' },
      clientToken: s3Key,
      tags: { Owner: 'Ann' },
    })
  await start('good.csv')
  const { importTask } = await start('wrong.csv')
  const out = { s3Bucket: BUCKET, s3Key: 'out.csv', s3BucketOwner: '123456789012' }
  await mgn('StartExport', { ...out, tags: { Owner: 'Ann' } })
  const { exportTask } = await mgn<{ exportTask: { exportID: string } }>('StartExport', out)
  await new TaskRunner(dependencies, stopping.signal).look()
  const { importID } = importTask
  const { exportID } = exportTask
  await mgn('ListImports', { filters: { importIDs: [importID] } })
  await mgn('ListImportErrors', { importID })
  await mgn('ListExports', { filters: { exportIDs: [exportID] } })
  await mgn('ListExportErrors', { exportID })
  return { importID, exportID }
}
