import { readFile } from 'node:fs/promises'
import { detectAccelerator } from '@landfall/launch'
import { createInstallerKey } from '../agent.ts'
import { Installation } from '../installation.ts'
import { type BuildOptions, buildGuest } from './build-guest.ts'
import type { GuestCell } from './cell.ts'
import { type LandedGuest, migrateGuest } from './migrate-guest.ts'

/** Guests are kept in it from run to run: on a disk, and outside of the project. */
export const CACHE_DIR = '/var/tmp/landfall-guests'

export type CellOutcome =
  | { readonly cell: GuestCell; readonly landed: LandedGuest }
  | { readonly cell: GuestCell; readonly error: string }

/**
 * Migrates the cells' servers one after the other through one installation. The next is built
 * meanwhile: neither keeps more than one CPU busy.
 */
export async function runCells(
  cells: readonly GuestCell[],
  options: {
    readonly signal: AbortSignal
    readonly log: (message: string) => void
    readonly onOutcome?: (outcome: CellOutcome) => Promise<void>
  },
): Promise<readonly CellOutcome[]> {
  const { signal, log, onOutcome } = options
  const { accelerator } = await detectAccelerator({ signal })
  await using installation = await Installation.start('/var/tmp')
  const key = await createInstallerKey(installation)
  const outcomes: CellOutcome[] = []
  let ahead: Promise<unknown> = Promise.resolve()
  for (const [index, cell] of cells.entries()) {
    const tell = (message: string) => log(`${cell.name}: ${message}`)
    await ahead
    const next = cells[index + 1]
    if (next !== undefined) ahead = buildAhead(next, { cacheDir: CACHE_DIR, accelerator, signal })
    let outcome: CellOutcome
    try {
      const migration = { installation, key, cacheDir: CACHE_DIR, accelerator, signal, log: tell }
      outcome = { cell, landed: await migrateGuest(cell, migration) }
    } catch (error) {
      signal.throwIfAborted()
      outcome = { cell, error: await explained(error, installation) }
    }
    outcomes.push(outcome)
    await onOutcome?.(outcome)
  }
  return outcomes
}

/** What hinders it is told when its turn comes and it is tried again. */
async function buildAhead(cell: GuestCell, options: BuildOptions): Promise<void> {
  await buildGuest(cell, options).catch(() => undefined)
}

/** With the end of what the staging area said, which is removed with the installation. */
async function explained(error: unknown, installation: Installation): Promise<string> {
  const log = await readFile(`${installation.dataDir}/logs/staging.log`, 'utf8').catch(() => '')
  const end = log.split('\n').slice(-12).join('\n')
  return `${error instanceof Error ? error.stack : String(error)}\nStaging area:\n${end}`
}
