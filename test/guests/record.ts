import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuestCell } from './cell.ts'
import type { LandedGuest } from './migrate-guest.ts'
import type { CellOutcome } from './run-cells.ts'

/** What came of a cell when it was last run. */
export type CellRecord = { readonly cell: GuestCell; readonly date: string } & (
  | { readonly landed: Omit<LandedGuest, 'screenshot' | 'cell'> }
  | { readonly error: string }
)

/** Keeps what came of a cell in the folder, with a picture of its screen. */
export async function keepOutcome(folder: string, outcome: CellOutcome): Promise<void> {
  const { cell } = outcome
  const date = new Date().toISOString().slice(0, 10)
  const keep = (record: CellRecord) =>
    writeFile(join(folder, `${cell.name}.json`), `${JSON.stringify(record, undefined, 2)}\n`)
  if ('error' in outcome) {
    await keep({ cell, date, error: outcome.error })
    return
  }
  const { screenshot, cell: _, ...landed } = outcome.landed
  await writeFile(join(folder, `${cell.name}.png`), screenshot)
  await keep({ cell, date, landed })
}

/** What is kept there of each of the cells; of a cell that is another by now, nothing. */
export async function readRecords(
  folder: string,
  cells: readonly GuestCell[],
): Promise<CellRecord[]> {
  const records: CellRecord[] = []
  for (const cell of cells) {
    const text = await readFile(join(folder, `${cell.name}.json`), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    const record = JSON.parse(text) as CellRecord
    if (JSON.stringify(record.cell) === JSON.stringify(cell)) records.push(record)
  }
  return records
}
