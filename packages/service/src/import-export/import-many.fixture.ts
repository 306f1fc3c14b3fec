import { Readable } from 'node:stream'
import { openDatabase } from '../database/database.ts'
import { TestService } from '../test-service.ts'
import { TaskRunner } from './task-runner.ts'

/**
 * A program: imports `rows` servers into the database, from a file that is made while it is read.
 * Prints how many were created and what of the file's bytes were read.
 */
const [, , connectionString = '', rows = ''] = process.argv
const NOTE = 'x'.repeat(256)
const NOTES = Array.from({ length: 28 }, (_, n) => `mgn:server:tag:Note ${n}`)

let bytesRead = 0
async function* file() {
  const header = ['mgn:server:user-provided-id', 'mgn:server:fqdn-for-action-framework']
  yield Buffer.from(`${[...header, 'mgn:app:name', ...NOTES].join(',')}\n`)
  for (let n = 0; n < Number(rows); n += 1) {
    const names = [`host-${n}`, `host-${n}.example.org`, `App ${n % 100}`]
    const line = Buffer.from(`${[...names, ...NOTES.map(() => NOTE)].join(',')}\n`)
    bytesRead += line.length
    yield line
  }
}

await using db = openDatabase({ connectionString })
const buckets = {
  open: () => Promise.resolve(Readable.from(file())),
  put: () => Promise.reject(new Error('nothing is exported here')),
}
const quotas = { serversNotArchived: 2 * Number(rows) }
const service = new TestService({ db, buckets, quotas })
await service.call('InitializeService')
await service.call('StartImport', { s3BucketSource: { s3Bucket: 'a', s3Key: 'b.csv' } })
bytesRead = 0
await new TaskRunner(service.dependencies, service.stopping.signal).look()
const { items } = await service.call<{ items: object[] }>('ListImports')
console.log(JSON.stringify({ bytesRead, task: items[0] }))
