import { LandfallError } from '@landfall/model'
import type { Dependencies } from '../dependencies.ts'
import { checkRow } from './check-row.ts'
import { findConflictingRows } from './conflicting-rows.ts'
import { addErrors } from './import-errors.ts'
import { readRows, type ReadRow } from './read-rows.ts'
import { contentOf, type Cells } from './row-content.ts'
import { storeRows, type CheckedRow, type RowProblem } from './store-rows.ts'
import type { ImportRow } from './tables.ts'

type World = Pick<Dependencies, 'db' | 'account' | 'buckets' | 'now'>

/** Rows in memory at once, and in one transaction: 100 MiB at most. */
const BATCH_ROWS = 100

/** Keeps the file's rows, or what is wrong with them and no row. */
export async function readFile(world: World, task: ImportRow, signal: AbortSignal) {
  const { db } = world
  const { import_id: importID } = task
  // What an earlier attempt read.
  await db.deleteFrom('import_rows').where('import_id', '=', importID).execute()
  await db.deleteFrom('import_errors').where('import_id', '=', importID).execute()
  try {
    for await (const batch of batchesOf(readRows(await openFile(world, task, signal)))) {
      signal.throwIfAborted()
      await storeBatch(world, importID, batch)
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof LandfallError)) throw error
    await addErrors(world, importID, 'PROCESSING_ERROR', [{ problem: error.message }])
  }
  const conflicts = await findConflictingRows(db, importID)
  await addErrors(world, importID, 'VALIDATION_ERROR', conflicts)
  await db.transaction().execute(async (trx) => {
    const isWrong = await trx
      .selectFrom('import_errors')
      .select('seq')
      .where('import_id', '=', importID)
      .limit(1)
      .executeTakeFirst()
    if (isWrong) await trx.deleteFrom('import_rows').where('import_id', '=', importID).execute()
    const { total } = await trx
      .selectFrom('import_rows')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .where('import_id', '=', importID)
      .executeTakeFirstOrThrow()
    await trx
      .updateTable('imports')
      .set({ rows_total: Number(total) })
      .where('import_id', '=', importID)
      .execute()
  })
}

function openFile({ buckets }: World, task: ImportRow, signal: AbortSignal) {
  const { bucket, key, bucket_owner: owner } = task
  return buckets.open({ bucket, key, owner }, signal)
}

async function* batchesOf(rows: AsyncIterable<ReadRow>): AsyncGenerator<ReadRow[]> {
  let batch: ReadRow[] = []
  for await (const row of rows) {
    batch.push(row)
    if (batch.length < BATCH_ROWS) continue
    yield batch
    batch = []
  }
  yield batch
}

async function storeBatch(world: World, importID: string, batch: readonly ReadRow[]) {
  const problems: RowProblem[] = []
  const rows: CheckedRow[] = []
  for (const row of batch) {
    const { rowNumber } = row
    if ('problem' in row) {
      problems.push(row)
      continue
    }
    const { cells } = row
    const content = readContent(cells)
    if ('problem' in content) {
      problems.push({ rowNumber, ...content })
      continue
    }
    const found = checkRow(content, world.account)
    problems.push(...found.map((problem) => ({ rowNumber, problem })))
    if (found.length === 0) rows.push({ rowNumber, cells, content })
  }
  await world.db.transaction().execute(async (trx) => {
    problems.push(...(await storeRows(trx, importID, rows)))
    const inOrder = problems.toSorted((a, b) => a.rowNumber - b.rowNumber)
    await addErrors({ ...world, db: trx }, importID, 'VALIDATION_ERROR', inOrder)
  })
}

function readContent(cells: Cells) {
  try {
    return contentOf(cells)
  } catch (error) {
    if (error instanceof LandfallError) return { problem: error.message }
    throw error
  }
}
