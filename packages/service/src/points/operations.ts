import { LandfallError, type DataReplicationState } from '@landfall/model'
import { z } from 'zod'
import { agentKey } from '../channel/notifier.ts'
import { ofServer } from '../channel/schemas.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { lockServer, readServer, viewReplicationOf } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { expirePoints, requestPoint } from './points.ts'
import { viewPoint } from './views.ts'

/** Points of one server that may be waited for at once: each takes its turn at the agent. */
const REQUESTED_MAX = 4

/** Where a point cannot be had, and what would have to happen. */
export const NO_POINT: Partial<Record<DataReplicationState, string>> = {
  STOPPED: 'its replication is stopped',
  INITIATING: 'its replication has not started yet',
  INITIAL_SYNC: 'its initial sync has not ended yet',
  PAUSED: 'its replication is paused; resume it first',
  DISCONNECTED: 'it is disconnected',
}

export const ofPoint = ofServer.extend({ pointID: z.string().max(64) })

/** Making and listing points. */
export function pointOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier, timing } = dependencies
  return {
    landfall: {
      CreatePoint: validated(ofServer, async ({ sourceServerID }, context) => {
        const now = context.now()
        const row = await db.transaction().execute(async (trx) => {
          const server = await lockServer(trx, sourceServerID)
          const info = await viewReplicationOf(trx, server, now, timing)
          const reason = NO_POINT[info.dataReplicationState]
          if (reason !== undefined) throw noPoint(sourceServerID, reason)
          const limit = new Date(now.getTime() - timing.pointDeadlineMs)
          await expirePoints(trx, sourceServerID, limit, now)
          const { open } = await trx
            .selectFrom('points')
            .select(({ fn }) => fn.countAll<number>().as('open'))
            .where('source_server_id', '=', sourceServerID)
            .where('state', '=', 'REQUESTED')
            .executeTakeFirstOrThrow()
          if (open >= REQUESTED_MAX) {
            throw noPoint(sourceServerID, `${open} points are being made; wait for them`)
          }
          return requestPoint(trx, { sourceServerID, now, reason: 'ON_DEMAND' })
        })
        notifier.notify(agentKey(sourceServerID))
        return { point: viewPoint(row) }
      }),

      DescribePoint: validated(ofPoint, async ({ sourceServerID, pointID }) => {
        const row = await db
          .selectFrom('points')
          .selectAll()
          .where('point_id', '=', pointID)
          .where('source_server_id', '=', sourceServerID)
          .executeTakeFirst()
        return { point: viewPoint(found(row, 'Point', pointID)) }
      }),

      ListPoints: validated(ofServer, async ({ sourceServerID }) => {
        await readServer(db, sourceServerID)
        const rows = await db
          .selectFrom('points')
          .selectAll()
          .where('source_server_id', '=', sourceServerID)
          .orderBy('seq')
          .execute()
        return { points: rows.map(viewPoint) }
      }),
    },
  }
}

function noPoint(resourceId: string, reason: string): LandfallError {
  return new LandfallError('conflict', `No point of ${resourceId} can be made: ${reason}`, {
    resource: { resourceId, resourceType: 'SourceServer' },
  })
}
