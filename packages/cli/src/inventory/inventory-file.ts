import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '@landfall/model'
import { refuseToOverwrite } from '../refuse-to-overwrite.ts'
import type { ServiceClient } from '../service-client/service-client.ts'

/** What imports and exports have in common, in MGN's words. */
interface Task {
  readonly status: 'PENDING' | 'STARTED' | 'SUCCEEDED' | 'FAILED'
  readonly progressPercentage: number
}

export interface ImportTask extends Task {
  readonly importID: string
  readonly summary: Readonly<
    Record<'waves' | 'applications' | 'servers', { createdCount: number; modifiedCount: number }>
  >
}

export interface ExportTask extends Task {
  readonly exportID: string
  readonly summary: { serversCount: number; applicationsCount: number; wavesCount: number }
}

export interface ImportError {
  readonly rowNumber?: number
  readonly rawError: string
}

export interface Transfer {
  readonly client: ServiceClient
  /** The folder that has the buckets. */
  readonly bucketsDir: string
  readonly file: string
  /** 0 to 100. */
  readonly onProgress: (percent: number) => void
  readonly signal: AbortSignal
}

/** The bucket of this command, which keeps nothing in it. */
const BUCKET = 'landfall-command-line'

const LOOK_MS = 500

/** Imports a file of this machine; what was wrong with its rows comes with the task. */
export async function importFile(
  transfer: Transfer,
): Promise<{ readonly task: ImportTask; readonly errors: readonly ImportError[] }> {
  const { client, file, signal } = transfer
  await using place = await placeIn(transfer)
  await copyFile(file, place.path)
  const { importTask } = await client.mgn<{ importTask: ImportTask }>(
    'StartImport',
    { s3BucketSource: { s3Bucket: BUCKET, s3Key: place.key } },
    signal,
  )
  const { importID } = importTask
  const task = await settled<ImportTask>(transfer, 'ListImports', { importIDs: [importID] })
  return { task, errors: await readErrors(client, importID, signal) }
}

/** Exports to a file of this machine, which must not be there yet unless `force` is given. */
export async function exportFile(
  transfer: Transfer,
  { force }: { readonly force: boolean },
): Promise<ExportTask> {
  const { client, file, signal } = transfer
  if (!force) await refuseToOverwrite(file)
  await using place = await placeIn(transfer)
  const { exportTask } = await client.mgn<{ exportTask: ExportTask }>(
    'StartExport',
    { s3Bucket: BUCKET, s3Key: place.key },
    signal,
  )
  const { exportID } = exportTask
  const task = await settled<ExportTask>(transfer, 'ListExports', { exportIDs: [exportID] })
  if (task.status === 'SUCCEEDED') {
    await copyFile(place.path, file)
    return task
  }
  const { items } = await client.mgn<{ items: readonly { errorData: { rawError: string } }[] }>(
    'ListExportErrors',
    { exportID },
    signal,
  )
  throw new LandfallError('unavailable', items.map((item) => item.errorData.rawError).join('\n'))
}

/** A file in the command's bucket, gone when it was used. */
async function placeIn({ client, bucketsDir, signal }: Transfer) {
  const { store } = await client.landfall<{ store: { endpoint: string } | null }>(
    'GetBucketStore',
    {},
    signal,
  )
  if (store !== null) {
    const message =
      `The buckets are at ${store.endpoint}: keep the file there, and use \`aws mgn start-import\` ` +
      'and `aws mgn start-export`.'
    throw new LandfallError('conflict', message)
  }
  const key = `${randomBytes(8).toString('hex')}.csv`
  const path = join(bucketsDir, BUCKET, key)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return { key, path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

async function settled<T extends Task>(
  { client, onProgress, signal }: Transfer,
  list: 'ListImports' | 'ListExports',
  filters: object,
): Promise<T> {
  for (;;) {
    const { items } = await client.mgn<{ items: readonly T[] }>(list, { filters }, signal)
    const task = items[0]
    if (task === undefined) throw new LandfallError('not_found', 'The service has lost the task.')
    if (task.status === 'SUCCEEDED' || task.status === 'FAILED') return task
    onProgress(task.progressPercentage)
    await sleep(LOOK_MS, undefined, { signal })
  }
}

async function readErrors(
  client: ServiceClient,
  importID: string,
  signal: AbortSignal,
): Promise<ImportError[]> {
  const errors: ImportError[] = []
  for (let nextToken: string | undefined; ;) {
    const page = await client.mgn<{
      items: readonly { errorData: ImportError }[]
      nextToken?: string
    }>('ListImportErrors', { importID, ...(nextToken !== undefined && { nextToken }) }, signal)
    errors.push(...page.items.map((item) => item.errorData))
    if (page.nextToken === undefined) return errors
    nextToken = page.nextToken
  }
}
