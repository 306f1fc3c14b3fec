import { call, send } from '../api/call.ts'
import { saveFile } from '../api/save-file.ts'
import { useWholeList } from '../api/whole-list.ts'
import { fileName, timeStamp } from './file-name.ts'

export type TaskStatus = 'PENDING' | 'STARTED' | 'SUCCEEDED' | 'FAILED'

interface Task {
  readonly status: TaskStatus
  readonly progressPercentage: number
  /** ISO 8601 in UTC. */
  readonly creationDateTime: string
  readonly endDateTime?: string
}

interface Counts {
  readonly createdCount: number
  readonly modifiedCount: number
}

/** MGN's ImportTask. */
export interface ImportTask extends Task {
  readonly importID: string
  readonly s3BucketSource: { readonly s3Bucket: string; readonly s3Key: string }
  readonly summary: Readonly<Record<'waves' | 'applications' | 'servers', Counts>>
}

/** MGN's ExportTask. */
export interface ExportTask extends Task {
  readonly exportID: string
  readonly s3Bucket: string
  readonly s3Key: string
  readonly summary: {
    readonly serversCount: number
    readonly applicationsCount: number
    readonly wavesCount: number
  }
}

export interface ImportError {
  readonly errorDateTime: string
  readonly errorData: { readonly rowNumber?: number; readonly rawError: string }
}

/** The bucket of the console's own files, unless another is chosen. */
export const BUCKET = 'landfall-console'

/** The newest first. */
export function useImports() {
  const { data, ...list } = useWholeList<ImportTask>('mgn:ListImports')
  return { ...list, data: data?.toReversed() }
}

export function useExports() {
  const { data, ...list } = useWholeList<ExportTask>('mgn:ListExports')
  return { ...list, data: data?.toReversed() }
}

/** Puts a file of the browser's into a bucket, and has it imported. Throws `ApiError`. */
export async function startImport(file: File, bucket: string): Promise<ImportTask> {
  const key = `${timeStamp(new Date())}-${fileName(file.name)}`
  const path = `/console/files/imports/${encodeURIComponent(bucket)}/${encodeURIComponent(key)}`
  const place = await send<{ s3Bucket: string; s3Key: string }>('PUT', path, { file })
  const { importTask } = await call<{ importTask: ImportTask }>('mgn:StartImport', {
    s3BucketSource: place,
    clientToken: crypto.randomUUID(),
  })
  return importTask
}

export async function startExport(bucket: string): Promise<ExportTask> {
  const { exportTask } = await call<{ exportTask: ExportTask }>('mgn:StartExport', {
    s3Bucket: bucket,
    s3Key: `${timeStamp(new Date())}-inventory.csv`,
  })
  return exportTask
}

/** Has the browser keep the file of an export. Throws `ApiError`. */
export async function downloadExport({ exportID, s3Key }: ExportTask): Promise<void> {
  const file = await send<Blob>('GET', `/console/files/exports/${exportID}`, { as: 'file' })
  saveFile(file, s3Key.slice(s3Key.lastIndexOf('/') + 1))
}
