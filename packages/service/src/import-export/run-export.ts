import { errorText, LandfallError } from '@landfall/model'
import { stringify } from 'csv-stringify/sync'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { plainCell } from './cell.ts'
import type { Column } from './columns.ts'
import { inventoryContents } from './inventory-contents.ts'
import { cellsOf, EXPORTED_COLUMNS, type RowContent } from './row-content.ts'
import type { ExportRow } from './tables.ts'

/** Rows between two looks at the progress. */
const PROGRESS_ROWS = 500

/** Numbers in headers and devices of a server in the order in which people count them. */
const COLLATOR = new Intl.Collator('en', { numeric: true })

interface Counts {
  servers: number
  readonly applications: Set<string>
  readonly waves: Set<string>
}

/**
 * Runs an export from its beginning: writes the inventory as it is at one moment. What fails is
 * kept as the export's error, but when the service stops: then it is run again.
 */
export async function runExport(world: Dependencies, exportID: string, signal: AbortSignal) {
  const { db, buckets } = world
  const exports = db.updateTable('exports').where('export_id', '=', exportID)
  const task = await exports.set({ status: 'STARTED' }).returningAll().executeTakeFirstOrThrow()
  const counts: Counts = { servers: 0, applications: new Set(), waves: new Set() }
  try {
    await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const { bucket, key, bucket_owner: owner } = task
        const file = inventoryFile(world, trx, task, counts, signal)
        await buckets.put({ bucket, key, owner }, file, signal)
      })
    await exports
      .set({ status: 'SUCCEEDED', ended_at: world.now(), ...asColumns(counts) })
      .execute()
  } catch (error) {
    signal.throwIfAborted()
    const { bucket, key } = task
    const why = error instanceof LandfallError ? error.message : errorText(error)
    const message = `${bucket}/${key} was not written: ${why}`
    await exports.set({ status: 'FAILED', ended_at: world.now(), error: message }).execute()
  }
}

function asColumns({ servers, applications, waves }: Counts) {
  return { servers, applications: applications.size, waves: waves.size }
}

/** The file's text, piece by piece. The first pass finds the columns that there are. */
async function* inventoryFile(
  world: Dependencies,
  trx: Transaction<Schema>,
  { export_id: exportID }: ExportRow,
  counts: Counts,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { headers, servers } = await lookThrough(inventoryContents(trx, world.account))
  const task = world.db.updateTable('exports').where('export_id', '=', exportID)
  await task.set({ servers_total: servers }).execute()
  yield line(headers)
  let rows = 0
  for await (const content of inventoryContents(trx, world.account)) {
    signal.throwIfAborted()
    count(counts, content)
    const cells = new Map([...cellsOf(content).values()].flatMap((some) => [...some]))
    yield line(headers.map((header) => plainCell(cells.get(header) ?? '')))
    rows += 1
    if (rows % PROGRESS_ROWS !== 0) continue
    await task.set(asColumns(counts)).execute()
  }
}

/** How many servers there are, and all columns: of those with a name in them what is used. */
async function lookThrough(contents: AsyncIterable<RowContent>) {
  let servers = 0
  const used = new Map<Column, Set<string>>(
    EXPORTED_COLUMNS.map((column) => [
      column,
      new Set(column.header.includes('<') ? [] : [column.header]),
    ]),
  )
  for await (const content of contents) {
    if (content.server !== undefined) servers += 1
    for (const [column, cells] of cellsOf(content)) {
      for (const header of cells.keys()) used.get(column)?.add(header)
    }
  }
  const headers = [...used.values()].flatMap((some) => [...some].toSorted(COLLATOR.compare))
  return { headers, servers }
}

function line(cells: readonly string[]): string {
  // RFC 4180's end of a line.
  return stringify([[...cells]], { record_delimiter: 'windows' })
}

function count(counts: Counts, { server, application, wave }: RowContent) {
  if (server !== undefined) counts.servers += 1
  if (application?.id !== undefined) counts.applications.add(application.id)
  if (wave?.id !== undefined) counts.waves.add(wave.id)
}
