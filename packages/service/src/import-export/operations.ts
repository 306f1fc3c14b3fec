import { LandfallError, newId } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { callerArn, type CallContext, type OperationGroup } from '../http/operation.ts'
import { readPage, type PageRequest } from '../pages.ts'
import type { ImportRow } from './tables.ts'
import { viewExport, viewExportError, viewImportError, viewImports } from './task-views.ts'

interface Source {
  readonly s3Bucket: string
  readonly s3Key: string
  readonly s3BucketOwner?: string
}

type Tags = Readonly<Record<string, string>>

interface StartImportInput {
  readonly s3BucketSource: Source
  readonly clientToken?: string
  readonly tags?: Tags
}

/** Imports of the inventory, which `TaskRunner` runs. */
export function importOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, buckets } = dependencies

  async function started(row: ImportRow | undefined, context: CallContext) {
    const [importTask] = await viewImports(db, row === undefined ? [] : [row], context)
    return { importTask }
  }

  return {
    mgn: {
      async StartImport(input: StartImportInput, context: CallContext) {
        const { s3Bucket: bucket, s3Key: key, s3BucketOwner: owner = null } = input.s3BucketSource
        const repeated = await findRepeated(db, input)
        if (repeated !== undefined) return started(repeated, context)
        // Now and not in the background, so that who named a wrong file hears of it at once.
        const file = await buckets.open({ bucket, key, owner }, context.signal)
        file.destroy()
        const row = await db
          .insertInto('imports')
          .values({
            import_id: newId('import'),
            client_token: input.clientToken || null,
            created_by: callerArn(context),
            bucket,
            key,
            bucket_owner: owner,
            status: 'PENDING',
            tags: JSON.stringify(input.tags ?? {}),
            created_at: context.now(),
          })
          .onConflict((conflict) => conflict.column('client_token').doNothing())
          .returningAll()
          .executeTakeFirst()
        return started(row ?? (await findRepeated(db, input)), context)
      },

      async ListImports(
        input: PageRequest & { readonly filters?: { readonly importIDs?: readonly string[] } },
        context: CallContext,
      ) {
        const { importIDs = [] } = input.filters ?? {}
        let query = db.selectFrom('imports').selectAll()
        if (importIDs.length > 0) query = query.where('import_id', 'in', importIDs)
        const page = await readPage(query, input)
        return { ...page, items: await viewImports(db, page.items, context) }
      },

      async ListImportErrors(input: PageRequest & { readonly importID: string }) {
        const { importID } = input
        const imports = db.selectFrom('imports').where('import_id', '=', importID)
        requireTask(await imports.select('import_id').executeTakeFirst(), 'importID', importID)
        const errors = db.selectFrom('import_errors').where('import_id', '=', importID)
        const page = await readPage(errors.selectAll(), input)
        return { ...page, items: page.items.map(viewImportError) }
      },
    },
  }
}

/** Exports of the inventory, which `TaskRunner` runs. */
export function exportOperations({ db }: OperationDependencies): OperationGroup {
  return {
    mgn: {
      async StartExport(input: Source & { readonly tags?: Tags }, context: CallContext) {
        const row = await db
          .insertInto('exports')
          .values({
            export_id: newId('export'),
            bucket: input.s3Bucket,
            key: input.s3Key,
            bucket_owner: input.s3BucketOwner ?? null,
            status: 'PENDING',
            tags: JSON.stringify(input.tags ?? {}),
            created_at: context.now(),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return { exportTask: viewExport(row, context) }
      },

      async ListExports(
        input: PageRequest & { readonly filters?: { readonly exportIDs?: readonly string[] } },
        context: CallContext,
      ) {
        const { exportIDs = [] } = input.filters ?? {}
        let query = db.selectFrom('exports').selectAll()
        if (exportIDs.length > 0) query = query.where('export_id', 'in', exportIDs)
        const page = await readPage(query, input)
        return { ...page, items: page.items.map((row) => viewExport(row, context)) }
      },

      /** At most one: what an export meets ends it. */
      async ListExportErrors(input: PageRequest & { readonly exportID: string }) {
        const { exportID } = input
        const exports = db.selectFrom('exports').where('export_id', '=', exportID)
        requireTask(await exports.select('export_id').executeTakeFirst(), 'exportID', exportID)
        const page = await readPage(exports.selectAll().where('error', 'is not', null), input)
        return { ...page, items: page.items.map(viewExportError) }
      },
    },
  }
}

/** The import that was started with the same token; `conflict` when it was of another file. */
async function findRepeated(
  db: Kysely<Schema>,
  { clientToken = '', s3BucketSource: source }: StartImportInput,
): Promise<ImportRow | undefined> {
  const row = await db
    .selectFrom('imports')
    .selectAll()
    .where('client_token', '=', clientToken)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { s3Bucket, s3Key, s3BucketOwner = null } = source
  if (row.bucket === s3Bucket && row.key === s3Key && row.bucket_owner === s3BucketOwner) return row
  throw new LandfallError(
    'conflict',
    `clientToken ${clientToken} was used for ${row.bucket}/${row.key}: give another`,
    { resource: { resourceId: row.import_id, resourceType: 'Import' } },
  )
}

/** These operations declare no error of what is not found. */
function requireTask(row: object | undefined, name: 'importID' | 'exportID', id: string) {
  if (row !== undefined) return
  const message = `There is no ${name === 'importID' ? 'import' : 'export'} ${id}`
  throw new LandfallError('validation', message, { fields: [{ name, message }] })
}
