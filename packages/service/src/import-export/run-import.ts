import type { Dependencies } from '../dependencies.ts'
import { carryOutRows } from './carry-out-rows.ts'
import { readFile } from './read-file.ts'

/**
 * Runs an import from where it is: reads the whole file first, and when a row of it is wrong
 * changes nothing; then carries out row by row, each whole or not at all and once, however often
 * the service is killed meanwhile. Throws what is no fault of the file, to be run again.
 */
export async function runImport(world: Dependencies, importID: string, signal: AbortSignal) {
  const { db } = world
  const imports = db.updateTable('imports').where('import_id', '=', importID)
  const task = await imports.set({ status: 'STARTED' }).returningAll().executeTakeFirstOrThrow()
  if (task.rows_total === null) await readFile(world, task, signal)
  await carryOutRows(world, task, signal)
  await db.transaction().execute(async (trx) => {
    const { failed } = await trx
      .selectFrom('import_errors')
      .select(({ fn }) => fn.countAll<number>().as('failed'))
      .where('import_id', '=', importID)
      .executeTakeFirstOrThrow()
    await trx.deleteFrom('import_rows').where('import_id', '=', importID).execute()
    await trx
      .updateTable('imports')
      .set({ status: failed > 0 ? 'FAILED' : 'SUCCEEDED', ended_at: world.now() })
      .where('import_id', '=', importID)
      .execute()
  })
}
