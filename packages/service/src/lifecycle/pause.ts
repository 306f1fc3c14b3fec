import { agentKey } from '../channel/notifier.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { lockServer } from '../source-servers/records.ts'
import { viewSourceServer } from '../source-servers/source-server-view.ts'
import { serverConflict } from './server-conflict.ts'

interface ServerInput {
  readonly sourceServerID: string
}

/**
 * Pausing keeps everything and is no part of the life cycle: the agent stops sending until resumed.
 */
export function pauseOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing, notifier } = dependencies
  const operation =
    (from: 'REPLICATING' | 'PAUSED', to: 'REPLICATING' | 'PAUSED') =>
    async ({ sourceServerID }: ServerInput, context: CallContext) => {
      const row = await db.transaction().execute(async (trx) => {
        const server = await lockServer(trx, sourceServerID)
        if (server.desired !== from) {
          throw serverConflict(
            sourceServerID,
            'ILLEGAL_STATE',
            `cannot become ${to}: its data replication is ${server.desired}`,
          )
        }
        return trx
          .updateTable('source_servers')
          .set({ desired: to })
          .where('source_server_id', '=', sourceServerID)
          .returningAll()
          .executeTakeFirstOrThrow()
      })
      notifier.notify(agentKey(sourceServerID))
      return viewSourceServer(db, row, { account: context, now: context.now(), timing })
    }
  return {
    mgn: {
      PauseReplication: operation('REPLICATING', 'PAUSED'),
      ResumeReplication: operation('PAUSED', 'REPLICATING'),
    },
  }
}
