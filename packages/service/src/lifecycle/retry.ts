import { LandfallError } from '@landfall/model'
import { agentKey, STAGING_KEY } from '../channel/notifier.ts'
import { createVolumes } from '../channel/volumes.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { lockServer, readServer, viewReplicationOf } from '../source-servers/records.ts'
import { viewSourceServer } from '../source-servers/source-server-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { startReplicating } from './effects.ts'

interface ServerInput {
  readonly sourceServerID: string
}

/**
 * Begins the initiation of a stalled server again, without waiting for the next attempt. Volumes
 * and points that are there stay; the agent is paired again when it next asks.
 */
export function retryOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing, notifier } = dependencies
  return {
    mgn: {
      async RetryDataReplication({ sourceServerID }: ServerInput, context: CallContext) {
        const now = context.now()
        await db.transaction().execute(async (trx) => {
          const server = await lockServer(trx, sourceServerID)
          const { dataReplicationState: state } = await viewReplicationOf(trx, server, now, timing)
          if (state !== 'STALLED') throw notStalled(sourceServerID, state)
          const initiation = { startedAt: now.toISOString() }
          await trx
            .updateTable('source_servers')
            .set({ ...startReplicating(now), ...forgetFailure(server) })
            .where('source_server_id', '=', sourceServerID)
            .execute()
          await createVolumes(trx, { ...server, initiation }, now)
        })
        notifier.notify(agentKey(sourceServerID), STAGING_KEY)
        const row = await readServer(db, sourceServerID)
        return viewSourceServer(db, row, { account: context, now, timing })
      },
    },
  }
}

/** What the agent told last says how far behind a launch is; its error is to be told anew. */
function forgetFailure({ report, reported_at }: SourceServerRow) {
  if (report === null) return {}
  return { report: JSON.stringify({ ...report, state: 'INITIATING', error: null }), reported_at }
}

/** This call declares no ConflictException. */
function notStalled(sourceServerID: string, state: string): LandfallError {
  const message =
    `Data replication of ${sourceServerID} is ${state}, and only one that is STALLED can be ` +
    'tried again'
  return new LandfallError('validation', message, { fields: [{ name: 'sourceServerID', message }] })
}
