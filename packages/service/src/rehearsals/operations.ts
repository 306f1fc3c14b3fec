import { LandfallError } from '@landfall/model'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { newestPoint } from '../points/points.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { startRehearsal } from './start-rehearsal.ts'
import type { RehearsalRow } from './tables.ts'

/** A rehearsal takes minutes of a core, and a GiB: oftener than hourly it would do nothing else. */
const EVERY_HOURS_MIN = 1
/** Thirty days: what is seldomer is done by hand. */
const EVERY_HOURS_MAX = 720

/** How many are shown, the newest first. */
const SHOWN_MAX = 20

const settings = ofServer.extend({
  /** Null: only by hand. */
  everyHours: z.number().int().min(EVERY_HOURS_MIN).max(EVERY_HOURS_MAX).nullable(),
})

/**
 * Rehearsals: the newest point is converted, launched where it meets nobody, and removed again as
 * soon as it has booted, or has not. The server's life cycle and its test instance stay untouched.
 */
export function rehearsalOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, jobs, instances } = dependencies

  const view = async (sourceServerID: string) => {
    const row = await db
      .selectFrom('rehearsal_settings')
      .select('every_hours')
      .where('source_server_id', '=', sourceServerID)
      .executeTakeFirst()
    const rows = await db
      .selectFrom('rehearsals')
      .selectAll()
      .where('source_server_id', '=', sourceServerID)
      .orderBy('seq', 'desc')
      .limit(SHOWN_MAX)
      .execute()
    return {
      sourceServerID,
      everyHours: row?.every_hours ?? null,
      rehearsals: rows.map((one) => viewRehearsal(one, instances.filesOf)),
    }
  }

  return {
    landfall: {
      GetRehearsals: validated(ofServer, async ({ sourceServerID }) => {
        await readServer(db, sourceServerID)
        return view(sourceServerID)
      }),

      UpdateRehearsalSettings: validated(settings, async ({ sourceServerID, everyHours }) => {
        await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          await trx
            .deleteFrom('rehearsal_settings')
            .where('source_server_id', '=', sourceServerID)
            .execute()
          if (everyHours === null) return
          await trx
            .insertInto('rehearsal_settings')
            .values({ source_server_id: sourceServerID, every_hours: everyHours })
            .execute()
        })
        return view(sourceServerID)
      }),

      StartRehearsal: validated(ofServer, async ({ sourceServerID }, { now }: CallContext) => {
        await db.transaction().execute(async (trx) => {
          await lockServer(trx, sourceServerID)
          if ((await newestPoint(trx, sourceServerID)) === undefined) {
            throw refused(sourceServerID, 'has no point to rehearse yet')
          }
          const open = await trx
            .selectFrom('rehearsals')
            .select('job_id')
            .where('source_server_id', '=', sourceServerID)
            .where('ended_at', 'is', null)
            .executeTakeFirst()
          if (open !== undefined) throw refused(sourceServerID, 'is being rehearsed already')
          await startRehearsal(trx, jobs, { sourceServerID, now: now() })
        })
        jobs.wake()
        return view(sourceServerID)
      }),
    },
  }
}

function viewRehearsal(
  row: RehearsalRow,
  filesOf: OperationDependencies['instances']['filesOf'],
): object {
  return {
    startedDateTime: row.started_at.toISOString(),
    ...(row.ended_at && { endedDateTime: row.ended_at.toISOString() }),
    verdict: row.verdict ?? 'RUNNING',
    ...(row.detail !== null && { detail: row.detail }),
    ...(row.point_id !== null && { pointID: row.point_id }),
    ...(row.point_taken_at && { pointTakenDateTime: row.point_taken_at.toISOString() }),
    ...(row.booted_seconds !== null && { bootedSeconds: row.booted_seconds }),
    ...(row.instance_id !== null && { instanceID: row.instance_id, ...filesOf(row.instance_id) }),
  }
}

function refused(resourceId: string, what: string): LandfallError {
  return new LandfallError('conflict', `Source server ${resourceId} ${what}.`, {
    resource: { resourceId, resourceType: 'SourceServer' },
  })
}
