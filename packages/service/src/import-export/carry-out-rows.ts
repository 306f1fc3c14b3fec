import { errorText, LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { Ec2Error } from '../ec2/ec2-error.ts'
import { applyGroup, type Applied } from './apply-group.ts'
import { applyServer } from './apply-server.ts'
import { countServersLeft, requireQuotas } from '../quotas.ts'
import { addErrors } from './import-errors.ts'
import { contentOf, type Cells } from './row-content.ts'
import type { ImportChangesTable, ImportRow } from './tables.ts'

type World = Pick<Dependencies, 'db' | 'quotas' | 'now'>

/** Rows in memory at once: 50 MiB at most. */
const BATCH_ROWS = 50

/** More than this batch, and what registers meanwhile. */
const QUOTA_MARGIN = 10 * BATCH_ROWS

/** Classes of SQLSTATE that tell of the data: of its form, and of what the tables allow. */
const DATA_ERROR = /^2[23]/

/** Carries out the rows that were not yet, each in a transaction of its own. */
export async function carryOutRows(world: World, task: ImportRow, signal: AbortSignal) {
  const { import_id: importID } = task
  for (let cursor = task.row_cursor; ;) {
    const rows = await world.db
      .selectFrom('import_rows')
      .select(['row_number', 'cells'])
      .where('import_id', '=', importID)
      .where('row_number', '>', cursor)
      .orderBy('row_number')
      .limit(BATCH_ROWS)
      .execute()
    if (rows.length === 0) return
    // Counting takes as long as there are servers: only near the limit it is done for every row.
    const left = await countServersLeft(world.db, world.quotas)
    const isNearQuota = left < QUOTA_MARGIN
    for (const { row_number: rowNumber, cells } of rows) {
      signal.throwIfAborted()
      await carryOutRow(world, task, { rowNumber, cells, isNearQuota })
      cursor = rowNumber
    }
  }
}

async function carryOutRow(
  world: World,
  task: ImportRow,
  row: { readonly rowNumber: number; readonly cells: Cells; readonly isNearQuota: boolean },
) {
  const { rowNumber, cells, isNearQuota } = row
  const { import_id: importID } = task
  try {
    await world.db.transaction().execute(async (trx) => {
      const server = await applyRow(trx, world, task, cells)
      if (isNearQuota && server?.change === 'created') await requireQuotas(trx, world.quotas)
      await advance(trx, importID, rowNumber)
    })
  } catch (error) {
    if (!isRowsFault(error)) throw error
    const problem = errorText(error)
    await world.db.transaction().execute(async (trx) => {
      const failed = [{ rowNumber, problem }]
      await addErrors({ ...world, db: trx }, importID, 'PROCESSING_ERROR', failed)
      await advance(trx, importID, rowNumber)
    })
  }
}

async function applyRow(
  trx: Transaction<Schema>,
  world: World,
  { import_id: importID, created_by: createdBy }: ImportRow,
  cells: Cells,
): Promise<Applied | undefined> {
  const content = contentOf(cells)
  const now = world.now()
  const wave = content.wave && (await applyGroup(trx, 'wave', content.wave, { now }))
  const application =
    content.application &&
    (await applyGroup(trx, 'application', content.application, { waveID: wave?.id, now }))
  const server =
    content.server &&
    (await applyServer(trx, content.server, { applicationID: application?.id, createdBy, now }))
  for (const [kind, one] of Object.entries({ wave, application, server })) {
    if (one !== undefined) await noteChange(trx, importID, kind, one)
  }
  return server
}

/** The first change of each counts: what was created here is not modified as well. */
async function noteChange(
  trx: Transaction<Schema>,
  importID: string,
  kind: string,
  { id, change }: Applied,
) {
  if (change === undefined) return
  await trx
    .insertInto('import_changes')
    .values({
      import_id: importID,
      resource_id: id,
      kind: kind as ImportChangesTable['kind'],
      change,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function advance(trx: Transaction<Schema>, importID: string, rowNumber: number) {
  return trx
    .updateTable('imports')
    .set((set) => ({ row_cursor: rowNumber, rows_done: set('rows_done', '+', 1) }))
    .where('import_id', '=', importID)
    .execute()
}

/** Else it is tried again later. */
function isRowsFault(error: unknown): boolean {
  if (error instanceof LandfallError || error instanceof Ec2Error) return true
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && DATA_ERROR.test(code)
}
