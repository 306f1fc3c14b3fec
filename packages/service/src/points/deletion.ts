import type { Kysely, Transaction } from 'kysely'
import { addStagingCommand, forgetStagingCommand } from '../channel/staging-commands.ts'
import type { StagingOutcome } from '../channel/tables.ts'
import type { Schema } from '../database/schema.ts'
import { forgetPoint } from './points.ts'
import type { PointRow } from './tables.ts'

export interface Deletion {
  readonly sourceServerID: string
  readonly pointID: string
  readonly now: Date
}

/** How far a deletion is. REFUSED: the point is available as before. FAILED: tried again later. */
export type DeletionProgress =
  | { readonly state: 'DONE' | 'OPEN' }
  | { readonly state: 'REFUSED' | 'FAILED'; readonly error: string }

/**
 * Takes a point from what is offered, and asks the staging area to free it. With the server's row
 * locked, after having seen that nothing uses the point. Returns the command's ID.
 */
export async function beginDeletion(
  trx: Transaction<Schema>,
  { sourceServerID, pointID, now }: Deletion,
): Promise<string> {
  await trx
    .updateTable('points')
    .set({ state: 'DELETING', error: null, delete_not_before: null })
    .where('point_id', '=', pointID)
    .execute()
  const command = await addStagingCommand(trx, {
    key: deletionKey(pointID),
    request: { type: 'DELETE_POINT', sourceServerID, pointID },
    now,
  })
  return command.command_id
}

/**
 * Draws the consequence of what the staging area has answered, if it has. A point whose deletion it
 * refused is available again; one whose deletion failed may be half merged, so it stays DELETING
 * and is asked for again after the pause.
 */
export async function settleDeletion(
  db: Kysely<Schema>,
  pointID: string,
  { now, retryMs }: { readonly now: Date; readonly retryMs: number },
): Promise<DeletionProgress> {
  return db.transaction().execute(async (trx) => {
    const point = await trx
      .selectFrom('points')
      .selectAll()
      .where('point_id', '=', pointID)
      .forUpdate()
      .executeTakeFirst()
    if (point === undefined) return { state: 'DONE' }
    if (point.state !== 'DELETING') return { state: 'REFUSED', error: IN_USE }
    const command = await trx
      .selectFrom('staging_commands')
      .select('outcome')
      .where('key', '=', deletionKey(pointID))
      .executeTakeFirst()
    if (command === undefined) return askAgain(trx, point, now)
    if (command.outcome === null) return { state: 'OPEN' }
    await forgetStagingCommand(trx, deletionKey(pointID))
    return conclude(trx, pointID, command.outcome, new Date(now.getTime() + retryMs))
  })
}

const IN_USE = 'the staging area still needs it'

const deletionKey = (pointID: string) => `delete point ${pointID}`

async function askAgain(
  trx: Transaction<Schema>,
  point: PointRow,
  now: Date,
): Promise<DeletionProgress> {
  if (point.delete_not_before !== null && point.delete_not_before > now) {
    return { state: 'FAILED', error: point.error ?? IN_USE }
  }
  const { point_id: pointID, source_server_id: sourceServerID } = point
  await beginDeletion(trx, { sourceServerID, pointID, now })
  return { state: 'OPEN' }
}

async function conclude(
  trx: Transaction<Schema>,
  pointID: string,
  outcome: StagingOutcome,
  retryAt: Date,
): Promise<DeletionProgress> {
  if (outcome.ok) {
    await forgetPoint(trx, pointID)
    return { state: 'DONE' }
  }
  const isRefused = outcome.code === 'conflict'
  const { error } = outcome
  await trx
    .updateTable('points')
    .set({
      delete_not_before: retryAt,
      ...(isRefused ? { state: 'AVAILABLE' } : { error }),
    })
    .where('point_id', '=', pointID)
    .execute()
  return { state: isRefused ? 'REFUSED' : 'FAILED', error }
}
