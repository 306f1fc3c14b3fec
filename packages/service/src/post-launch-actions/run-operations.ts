import { LandfallError } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import { lockInstance } from '../ec2/instances.ts'
import type { OperationGroup } from '../http/operation.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { serverConflict } from '../lifecycle/server-conflict.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import { validated } from '../valid-input.ts'
import { activeActions, type PlannedAction } from './planned-actions.ts'
import { viewActionRuns } from './run-views.ts'

const ofServer = z.object({ sourceServerID: z.string().max(64) })

/** As many as a server can have, twice: its own, and those of its launch configuration. */
const ACTIONS_MAX = 200

const rerun = ofServer.extend({
  actionIDs: z.array(z.string().max(512)).min(1).max(ACTIONS_MAX).exactOptional(),
})

/** Looking at what became of a server's actions on its present instance, and running them again. */
export function actionRunOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      ListActionRuns: validated(ofServer, async ({ sourceServerID }) => {
        const server = await readServer(db, sourceServerID)
        return viewActionRuns(db, await instanceOf(db, server))
      }),

      /** Runs those that failed, or those that are named, again: as the actions are now. */
      RerunActions: validated(rerun, async ({ sourceServerID, actionIDs }) => {
        const instance = await db.transaction().execute(async (trx) => {
          const server = await lockServer(trx, sourceServerID)
          const found = await instanceOf(trx, server)
          await refuseRemoved(trx, found)
          await runAgain(trx, { server, instance: found, actionIDs })
          return found
        })
        return viewActionRuns(db, instance)
      }),
    },
  }
}

async function instanceOf(db: Kysely<Schema>, server: SourceServerRow): Promise<InstanceRow> {
  const { source_server_id: id, instance_id: instanceID } = server
  const instance = await db
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', '=', instanceID ?? '')
    .executeTakeFirst()
  if (instance !== undefined) return instance
  throw serverConflict(id, 'NO_INSTANCE', 'has no launched instance; actions run after a launch')
}

async function refuseRemoved(trx: Transaction<Schema>, instance: InstanceRow): Promise<void> {
  const managed = await trx
    .selectFrom('ssm_instances')
    .select('agent_removed_at')
    .where('instance_id', '=', instance.instance_id)
    .executeTakeFirst()
  const removedAt = managed?.agent_removed_at ?? null
  if (removedAt === null) return
  throw serverConflict(
    instance.source_server_id,
    'AGENT_REMOVED',
    `was cut over, and its agent removed itself at ${removedAt.toISOString()}: nothing can be ` +
      `run on instance ${instance.instance_id} any more`,
  )
}

async function runAgain(
  trx: Transaction<Schema>,
  options: {
    readonly server: SourceServerRow
    readonly instance: InstanceRow
    readonly actionIDs: readonly string[] | undefined
  },
): Promise<void> {
  const { server, instance, actionIDs } = options
  const { instance_id: instanceID } = instance
  // Nobody begins or ends one of them meanwhile.
  await lockInstance(trx, instanceID)
  const runs = await trx
    .selectFrom('action_runs')
    .select(['action_id', 'state', 'attempt'])
    .where('instance_id', '=', instanceID)
    .execute()
  const states = new Map(runs.map((run) => [run.action_id, run]))
  const active = await activeActions(trx, server)
  const chosen =
    actionIDs === undefined
      ? active.filter(({ actionID }) => states.get(actionID)?.state === 'FAILED')
      : actionIDs.map((id) => requireActive(server, active, id))
  if (chosen.length === 0) {
    throw serverConflict(
      server.source_server_id,
      'NOTHING_TO_RERUN',
      `has no active action that failed on instance ${instanceID}; name those to run again`,
    )
  }
  for (const { actionID, document } of chosen) {
    const before = states.get(actionID)
    const isOpen = before?.state === 'WAITING' || before?.state === 'RUNNING'
    if (isOpen) {
      throw serverConflict(
        server.source_server_id,
        'ACTION_NOT_ENDED',
        `has not ended action ${actionID} on instance ${instanceID}; try again when it has`,
      )
    }
    const again = {
      document: JSON.stringify(document),
      state: 'WAITING',
      attempt: (before?.attempt ?? 0) + 1,
      command_id: null,
      image_id: null,
      failure: null,
      started_at: null,
      ended_at: null,
    } as const
    await trx
      .insertInto('action_runs')
      .values({ instance_id: instanceID, action_id: actionID, ...again })
      .onConflict((conflict) => conflict.columns(['instance_id', 'action_id']).doUpdateSet(again))
      .execute()
  }
}

function requireActive(
  server: SourceServerRow,
  active: readonly PlannedAction[],
  id: string,
): PlannedAction {
  const action = active.find(({ actionID }) => actionID === id)
  if (action !== undefined) return action
  const there = active.map(({ actionID }) => actionID).join(', ') || 'none'
  throw new LandfallError(
    'not_found',
    `${server.source_server_id} has no active action ${id}; it has: ${there}`,
    { resource: { resourceId: id, resourceType: 'Action' } },
  )
}
