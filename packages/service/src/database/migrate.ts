import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations/index.ts'

/**
 * Brings the database to this version's tables, in one transaction; several services that start at
 * once wait for each other. Throws with the name of the migration that failed. `to`: no further
 * than to that one.
 */
export async function migrate<T>(db: Kysely<T>, to?: keyof typeof migrations): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  })
  const { error, results } =
    to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to)
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')?.migrationName
  throw new Error(`migrate the database${failed === undefined ? '' : ` (${failed})`}`, {
    cause: error,
  })
}
