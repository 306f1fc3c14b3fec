import { LandfallError, newId, type PointReason, type PointRecord } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import { addAgentCommand, finishAgentCommand } from '../channel/agent-commands.ts'
import type { Schema } from '../database/schema.ts'
import { found } from '../not-found.ts'
import type { PointRow } from './tables.ts'

export interface PointRequest {
  readonly sourceServerID: string
  readonly now: Date
  /** The ID, when it had to be known before. */
  readonly pointID?: string
  /** Absent: nobody asked for it. */
  readonly reason?: PointReason
}

/** Asks the agent for a point. The same ID again is the same request. */
export async function requestPoint(
  trx: Transaction<Schema>,
  { sourceServerID, now, pointID = newId('point'), reason = 'SCHEDULED' }: PointRequest,
): Promise<PointRow> {
  const inserted = await trx
    .insertInto('points')
    .values({
      point_id: pointID,
      source_server_id: sourceServerID,
      state: 'REQUESTED',
      reason,
      requested_at: now,
      disks: JSON.stringify([]),
    })
    .onConflict((conflict) => conflict.column('point_id').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted === undefined) {
    return trx
      .selectFrom('points')
      .selectAll()
      .where('point_id', '=', pointID)
      .executeTakeFirstOrThrow()
  }
  await addAgentCommand(trx, {
    key: pointCommandKey(pointID),
    sourceServerID,
    request: { type: 'CREATE_POINT', pointID },
    now,
  })
  return inserted
}

/**
 * Takes in that a point exists, durably; false when the server has no use for it (its replication
 * was ended, or the point deleted meanwhile). Also for a point that had been given up: it is there
 * after all.
 */
export async function pointCreated(
  trx: Transaction<Schema>,
  point: PointRecord,
  now: Date,
): Promise<boolean> {
  const { disks, sourceServerID, ...description } = point
  const row = await trx
    .updateTable('points')
    .set({
      state: 'AVAILABLE',
      error: null,
      taken_at: new Date(point.takenAt),
      description: JSON.stringify(description),
      disks: JSON.stringify(disks),
    })
    .where('point_id', '=', point.pointID)
    .where('source_server_id', '=', sourceServerID)
    .where('state', '<>', 'DELETING')
    .returning('point_id')
    .executeTakeFirst()
  if (row === undefined) return false
  const outcome = { ok: true, result: {} } as const
  await endPointCommand(trx, sourceServerID, point.pointID, outcome, now)
  return true
}

/** Gives up a point that is not there: its command is withdrawn. One that is available stays so. */
export async function pointFailed(
  db: Kysely<Schema>,
  point: { readonly sourceServerID: string; readonly pointID: string },
  error: string,
  now: Date,
): Promise<void> {
  await db
    .updateTable('points')
    .set({ state: 'FAILED', error })
    .where('point_id', '=', point.pointID)
    .where('state', '=', 'REQUESTED')
    .execute()
  const outcome = { ok: false, error } as const
  await endPointCommand(db, point.sourceServerID, point.pointID, outcome, now)
}

/** Gives up the server's points that were asked for before `limit`. */
export async function expirePoints(
  db: Kysely<Schema>,
  sourceServerID: string,
  limit: Date,
  now: Date,
): Promise<void> {
  const late = await db
    .selectFrom('points')
    .select('point_id')
    .where('source_server_id', '=', sourceServerID)
    .where('state', '=', 'REQUESTED')
    .where('requested_at', '<', limit)
    .execute()
  for (const { point_id: pointID } of late) {
    await pointFailed(db, { sourceServerID, pointID }, POINT_LATE, now)
  }
}

export const POINT_LATE =
  'The point was not there in time; see the state of data replication and the log of the agent'

/** Throws `conflict` for a point that nothing can be done with, `not_found` for none. */
export async function requireAvailable(
  db: Kysely<Schema>,
  sourceServerID: string,
  pointID: string,
): Promise<void> {
  const row = await db
    .selectFrom('points')
    .select('state')
    .where('point_id', '=', pointID)
    .where('source_server_id', '=', sourceServerID)
    .executeTakeFirst()
  const { state } = found(row, 'Point', pointID)
  if (state === 'AVAILABLE') return
  throw new LandfallError('conflict', `Point ${pointID} is ${state}; choose an AVAILABLE one`)
}

/**
 * The newest point a launch can use. It may be deleted as soon as it is not the newest any more;
 * who goes on with it locks the server first, and records that (`retention.ts`) before unlocking.
 */
export async function newestPoint(
  db: Kysely<Schema>,
  sourceServerID: string,
): Promise<PointRow | undefined> {
  return db
    .selectFrom('points')
    .selectAll()
    .where('source_server_id', '=', sourceServerID)
    .where('state', '=', 'AVAILABLE')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Drops a point that is not there (any more), and the command that asked for it. */
export async function forgetPoint(trx: Transaction<Schema>, pointID: string): Promise<void> {
  await trx.deleteFrom('points').where('point_id', '=', pointID).execute()
  await trx
    .deleteFrom('agent_commands')
    .where('key', '=', pointCommandKey(pointID))
    .where('finished_at', 'is not', null)
    .execute()
}

const pointCommandKey = (pointID: string) => `point ${pointID}`

async function endPointCommand(
  db: Kysely<Schema>,
  sourceServerID: string,
  pointID: string,
  outcome: Parameters<typeof finishAgentCommand>[2]['outcome'],
  now: Date,
) {
  const command = await db
    .selectFrom('agent_commands')
    .select('command_id')
    .where('key', '=', pointCommandKey(pointID))
    .executeTakeFirst()
  if (command === undefined) return
  const result = { commandID: command.command_id, outcome }
  await finishAgentCommand(db, sourceServerID, result, now)
}
