import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { runExport } from './run-export.ts'
import { runImport } from './run-import.ts'

/** Runs imports and exports one after the other, also those that an earlier process left. */
export class TaskRunner {
  readonly #world: Dependencies
  readonly #signal: AbortSignal
  readonly #attempts: Attempts

  constructor(world: Dependencies, signal: AbortSignal) {
    this.#world = world
    this.#signal = signal
    this.#attempts = new Attempts(world.log)
  }

  /** Runs what waits. What fails is logged, and tried at the next look. */
  async look(): Promise<void> {
    const { db } = this.#world
    await this.#attempts.try('Imports were not run', async () => {
      const waiting = await db
        .selectFrom('imports')
        .select('import_id')
        .where('ended_at', 'is', null)
        .orderBy('seq')
        .execute()
      for (const { import_id: id } of waiting) await this.#run(id, runImport)
    })
    await this.#attempts.try('Exports were not run', async () => {
      const waiting = await db
        .selectFrom('exports')
        .select('export_id')
        .where('ended_at', 'is', null)
        .orderBy('seq')
        .execute()
      for (const { export_id: id } of waiting) await this.#run(id, runExport)
    })
  }

  async #run(id: string, run: typeof runImport) {
    if (this.#signal.aborted) return
    await this.#attempts.try(`${id} will be run again`, async () => {
      await run(this.#world, id, this.#signal).catch((error: unknown) => {
        if (!this.#signal.aborted) throw error
      })
    })
  }
}
