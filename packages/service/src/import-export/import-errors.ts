import type { Dependencies } from '../dependencies.ts'
import type { ImportErrorsTable } from './tables.ts'

export async function addErrors(
  { db, now }: Pick<Dependencies, 'db' | 'now'>,
  importID: string,
  type: ImportErrorsTable['error_type'],
  problems: readonly { readonly rowNumber?: number; readonly problem: string }[],
) {
  if (problems.length === 0) return
  const at = now()
  await db
    .insertInto('import_errors')
    .values(
      problems.map(({ rowNumber = null, problem }) => ({
        import_id: importID,
        at,
        error_type: type,
        row_number: rowNumber,
        raw_error: problem,
      })),
    )
    .execute()
}
