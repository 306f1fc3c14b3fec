import { LandfallError, type LifecycleEvent } from '@landfall/model'
import type { Transaction } from 'kysely'
import { agentKey, STAGING_KEY } from '../channel/notifier.ts'
import { createVolumes } from '../channel/volumes.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { requireQuotas } from '../quotas.ts'
import { viewSourceServer } from '../source-servers/source-server-view.ts'
import { changeLifecycle, type LifecycleChanged } from './change-lifecycle.ts'
import { endReplication } from './end-replication.ts'
import { serverConflict } from './server-conflict.ts'

interface ServerInput {
  readonly sourceServerID: string
}

type After = (trx: Transaction<Schema>, changed: LifecycleChanged, now: Date) => Promise<void>

const MARK_EVENT: Readonly<Record<string, LifecycleEvent>> = {
  READY_FOR_TEST: 'MarkReadyForTest',
  READY_FOR_CUTOVER: 'MarkReadyForCutover',
  CUTOVER: 'MarkCutover',
}

/** The calls that move one server through its life cycle. */
export function lifecycleOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, jobs, timing, quotas, notifier } = dependencies

  async function change(
    sourceServerID: string,
    event: LifecycleEvent,
    context: CallContext,
    after?: After,
  ) {
    const now = context.now()
    const changed = await db.transaction().execute(async (trx) => {
      const result = await changeLifecycle(trx, { sourceServerID, event, now, timing })
      await after?.(trx, result, now)
      return result
    })
    jobs.wake()
    notifier.notify(agentKey(sourceServerID), STAGING_KEY)
    return changed
  }

  const operation =
    (event: LifecycleEvent, after?: After) => async (input: ServerInput, context: CallContext) => {
      await change(input.sourceServerID, event, context, after)
      const row = await db
        .selectFrom('source_servers')
        .selectAll()
        .where('source_server_id', '=', input.sourceServerID)
        .executeTakeFirstOrThrow()
      return viewSourceServer(db, row, { account: context, now: context.now(), timing })
    }
  const end: After = (trx, { before }, now) => endReplication(trx, jobs, before, now)

  return {
    mgn: {
      async ChangeServerLifeCycleState(
        input: ServerInput & { readonly lifeCycle: { readonly state: string } },
        context: CallContext,
      ) {
        const event = MARK_EVENT[input.lifeCycle.state]
        if (event === undefined) throw new LandfallError('validation', unknownTarget(input))
        return operation(event)(input, context)
      },
      FinalizeCutover: operation('FinalizeCutover', async (trx, changed, now) => {
        await checkCutoverInstance(trx, changed)
        await end(trx, changed, now)
      }),
      DisconnectFromService: operation('DisconnectFromService', end),
      MarkAsArchived: operation('MarkAsArchived'),
      StopReplication: operation('StopReplication', end),
      StartReplication: operation('StartReplication', async (trx, { after }, now) => {
        await createVolumes(trx, after, now)
        await requireQuotas(trx, quotas)
      }),
      async DeleteSourceServer(input: ServerInput, context: CallContext) {
        await change(
          input.sourceServerID,
          'DeleteSourceServer',
          context,
          async (trx, { before }) => {
            const id = before.source_server_id
            await trx.deleteFrom('agent_commands').where('source_server_id', '=', id).execute()
            await trx.deleteFrom('launch_templates').where('source_server_id', '=', id).execute()
            await trx.deleteFrom('actions').where('owner_id', '=', id).execute()
          },
        )
        return {}
      },
    },
  }
}

function unknownTarget(input: { readonly lifeCycle: { readonly state: string } }): string {
  return `A source server cannot be set to ${input.lifeCycle.state}, only to ${Object.keys(MARK_EVENT).join(', ')}`
}

/**
 * Finalising deletes the replicated data. Where the cutover launch failed, that data is all there
 * is, so it is refused; a disconnect says the same more plainly.
 */
async function checkCutoverInstance(trx: Transaction<Schema>, { before }: LifecycleChanged) {
  const instance = await trx
    .selectFrom('instances')
    .select('state')
    .where('instance_id', '=', before.instance_id ?? '')
    .where('purpose', '=', 'CUTOVER')
    .where('state', 'in', ['RUNNING', 'STOPPED'])
    .executeTakeFirst()
  if (instance !== undefined) return
  throw serverConflict(
    before.source_server_id,
    'NO_CUTOVER_INSTANCE',
    'has no launched cutover instance, and finalising would delete its replicated data; ' +
      'start the cutover again, or disconnect the server from the service',
  )
}
