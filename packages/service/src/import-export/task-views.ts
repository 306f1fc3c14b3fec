import { arnOf } from '@landfall/model'
import type { Kysely, Selectable } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { CallContext } from '../http/operation.ts'
import type { ExportRow, ImportErrorsTable, ImportRow, TaskStatus } from './tables.ts'

type Change = 'created' | 'modified'

/** MGN's ImportTask for each row, in their order. */
export async function viewImports(
  db: Kysely<Schema>,
  rows: readonly ImportRow[],
  context: CallContext,
): Promise<object[]> {
  const counts = await countChanges(
    db,
    rows.map((row) => row.import_id),
  )
  return rows.map((row) => {
    const id = row.import_id
    const { bucket, key, bucket_owner: owner } = row
    const count = (kind: string) => ({
      createdCount: counts.get(`${id} ${kind} created`) ?? 0,
      modifiedCount: counts.get(`${id} ${kind} modified`) ?? 0,
    })
    return {
      importID: id,
      arn: arnOf('import', id, context),
      s3BucketSource: {
        s3Bucket: bucket,
        s3Key: key,
        ...(owner !== null && { s3BucketOwner: owner }),
      },
      ...times(row),
      status: row.status,
      progressPercentage: percentage(row.status, row.rows_done, row.rows_total),
      summary: {
        waves: count('wave'),
        applications: count('application'),
        servers: count('server'),
      },
      tags: row.tags,
    }
  })
}

export function viewImportError(row: Selectable<ImportErrorsTable>): object {
  return {
    errorDateTime: row.at.toISOString(),
    errorType: row.error_type,
    errorData: {
      rawError: row.raw_error,
      ...(row.row_number !== null && { rowNumber: row.row_number }),
    },
  }
}

export function viewExport(row: ExportRow, context: CallContext): object {
  const { export_id: id, servers, applications, waves, bucket_owner: owner } = row
  return {
    exportID: id,
    arn: arnOf('export', id, context),
    s3Bucket: row.bucket,
    s3Key: row.key,
    ...(owner !== null && { s3BucketOwner: owner }),
    ...times(row),
    status: row.status,
    progressPercentage: percentage(row.status, servers, row.servers_total),
    summary: { serversCount: servers, applicationsCount: applications, wavesCount: waves },
    tags: row.tags,
  }
}

export function viewExportError({ ended_at, error }: ExportRow): object {
  return {
    ...(ended_at && { errorDateTime: ended_at.toISOString() }),
    errorData: { rawError: error ?? '' },
  }
}

function times(row: ImportRow | ExportRow) {
  return {
    creationDateTime: row.created_at.toISOString(),
    ...(row.ended_at && { endDateTime: row.ended_at.toISOString() }),
  }
}

/** How much of the rows is done; while they are not counted yet, nothing is. */
function percentage(status: TaskStatus, done: number, total: number | null): number {
  if (status === 'SUCCEEDED') return 100
  return total === null || total === 0 ? 0 : (100 * done) / total
}

async function countChanges(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('import_changes')
    .select(({ fn }) => ['import_id', 'kind', 'change', fn.countAll<number>().as('count')])
    .where('import_id', 'in', ids)
    .groupBy(['import_id', 'kind', 'change'])
    .execute()
  return new Map(
    rows.map(({ import_id, kind, change, count }) => [
      `${import_id} ${kind} ${change satisfies Change}`,
      Number(count),
    ]),
  )
}
