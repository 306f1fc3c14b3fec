import { errorText, LandfallError } from '@landfall/model'
import { stringify } from 'csv-stringify/sync'
import type { Transaction, Updateable } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { plainCell } from './cell.ts'
import type { Column } from './columns.ts'
import { inventoryContents } from './inventory-contents.ts'
import { cellsOf, EXPORTED_COLUMNS, type RowContent } from './row-content.ts'
import type { ExportsTable } from './tables.ts'

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
  const progress = new Progress((columns) => exports.set(columns).execute())
  try {
    await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const { bucket, key, bucket_owner: owner } = task
        const file = inventoryFile(trx, { world, counts, progress, signal })
        await buckets.put({ bucket, key, owner }, file, signal)
      })
    await progress.written()
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

/**
 * Writes how far the export is, where everybody sees it at once: not in the transaction that reads,
 * which does not wait for it. (Where there is one connection only it is written when that ends.)
 */
class Progress {
  readonly #write: (columns: Columns) => Promise<unknown>
  #last: Promise<unknown> = Promise.resolve()

  constructor(write: (columns: Columns) => Promise<unknown>) {
    this.#write = write
  }

  /** After what was told before. */
  tell(columns: Columns): void {
    this.#last = this.#last.then(() => this.#write(columns))
    this.#last.catch(() => {}) // Thrown by `written`.
  }

  async written(): Promise<void> {
    await this.#last
  }
}

type Columns = Updateable<ExportsTable>

/** The file's text, piece by piece. The first pass finds the columns that there are. */
async function* inventoryFile(
  trx: Transaction<Schema>,
  options: {
    readonly world: Dependencies
    readonly counts: Counts
    readonly progress: Progress
    readonly signal: AbortSignal
  },
): AsyncGenerator<string> {
  const { world, counts, progress, signal } = options
  const { headers, servers } = await lookThrough(inventoryContents(trx, world.account))
  progress.tell({ servers_total: servers })
  yield line(headers)
  let rows = 0
  for await (const content of inventoryContents(trx, world.account)) {
    signal.throwIfAborted()
    count(counts, content)
    const cells = new Map([...cellsOf(content).values()].flatMap((some) => [...some]))
    yield line(headers.map((header) => plainCell(cells.get(header) ?? '')))
    rows += 1
    if (rows % PROGRESS_ROWS !== 0) continue
    progress.tell(asColumns(counts))
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
