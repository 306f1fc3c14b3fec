import type { Transaction } from 'kysely'
import { z } from 'zod'
import type { Database } from '../database/database.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { changeLifecycle } from '../lifecycle/change-lifecycle.ts'
import { pointCreated } from '../points/points.ts'
import type { Initiation, SourceServerRow } from '../source-servers/tables.ts'
import { replicationServerOf, validated } from '../valid-input.ts'
import { pointKey } from './notifier.ts'
import { agentPresence, ofServer, pointCreatedNotice, stagingTrouble } from './schemas.ts'
import { setInitiation } from './volumes.ts'

/**
 * What the staging area tells. What it says of a server that was deleted, or no longer replicates,
 * is accepted and dropped: it would only be told again.
 */
export function stagingNoticeOperations({ db, ...rest }: OperationDependencies): OperationGroup {
  const { notifier, timing } = rest
  return {
    forMgn: {
      BatchCreateVolumeSnapshotGroupForMgn: validated(
        pointCreatedNotice,
        async ({ point }, context) => {
          const now = context.now()
          const { sourceServerID } = point
          await withServer(db, context, sourceServerID, async (trx) => {
            if (!(await pointCreated(trx, point, now))) return
            const event = 'BecameLaunchable'
            await changeLifecycle(trx, { sourceServerID, event, now, timing })
          })
          notifier.notify(pointKey(point.pointID))
          return {}
        },
      ),

      NotifyAgentConnectedForMgn: validated(agentPresence, async ({ sourceServerID }, context) => {
        const connectedAt = context.now().toISOString()
        return withServer(db, context, sourceServerID, (trx, { initiation }) =>
          setInitiation(trx, sourceServerID, { ...initiation, connectedAt }),
        )
      }),

      NotifyAgentDisconnectedForMgn: validated(agentPresence, async ({ sourceServerID }, context) =>
        withServer(db, context, sourceServerID, (trx, { initiation }) => {
          const { connectedAt: _, ...others }: Initiation = initiation
          return setInitiation(trx, sourceServerID, others)
        }),
      ),

      /** The agent tells its progress itself; here it is only accepted. */
      NotifyAgentReplicationProgressForMgn: validated(ofServer, async (_, context) => {
        replicationServerOf(context)
        return {}
      }),

      UpdateAgentReplicationProcessStateForMgn: validated(
        stagingTrouble,
        async (input, context) => {
          const { sourceServerID, error } = input
          return withServer(db, context, sourceServerID, async (trx) => {
            await trx
              .updateTable('source_servers')
              .set({ staging_error: error === null ? null : JSON.stringify(error) })
              .where('source_server_id', '=', sourceServerID)
              .execute()
          })
        },
      ),

      DescribeReplicationServerAssociationsForMgn: validated(z.object({}), async (_, context) => {
        replicationServerOf(context)
        const rows = await replicating(db).orderBy('seq').execute()
        return {
          items: rows.map((row) => ({
            sourceServerID: row.source_server_id,
            disks: row.properties.disks,
          })),
        }
      }),
    },
  }
}

/** Runs, for a replication server, with the row of a server that replicates locked. */
async function withServer(
  db: Database,
  context: CallContext,
  sourceServerID: string,
  run: (trx: Transaction<Schema>, server: SourceServerRow) => Promise<void>,
): Promise<object> {
  replicationServerOf(context)
  await db.transaction().execute(async (trx) => {
    const server = await replicating(trx)
      .where('source_server_id', '=', sourceServerID)
      .forUpdate()
      .executeTakeFirst()
    if (server !== undefined) await run(trx, server)
  })
  return {}
}

function replicating(db: Database | Transaction<Schema>) {
  return db
    .selectFrom('source_servers')
    .selectAll()
    .where('desired', 'in', ['REPLICATING', 'PAUSED'])
}
