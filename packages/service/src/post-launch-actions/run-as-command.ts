import { randomUUID } from 'node:crypto'
import { isEnded } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import { instanceKey } from '../channel/notifier.ts'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { lockCommand, moveInvocations } from '../ssm/invocations.ts'
import { insertCommand } from '../ssm/new-command.ts'
import {
  MAX_CONCURRENCY_DEFAULT,
  MAX_ERRORS_DEFAULT,
  TIMEOUT_SECONDS_DEFAULT,
} from '../ssm/send-command.ts'
import type { SsmInvocationRow } from '../ssm/tables.ts'
import type { ActionExecutor, PreparedRun } from './action-executor.ts'
import { failed, outcomeOf, type ActionOutcome } from './action-outcome.ts'
import { prepareAction, type ActionWorld } from './prepare-action.ts'
import type { ActionRunRow } from './tables.ts'

type World = ActionWorld & Pick<Dependencies, 'notifier' | 'now'>

/** SSM's limit. */
const COMMENT_CHARACTERS_MAX = 100

/** Runs actions as SSM commands, which the agent in the instance asks for. */
export class CommandExecutor implements ActionExecutor {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Whoever did not take one command in time would not take the next ones either. */
  async hindranceOf(trx: Transaction<Schema>, instanceID: string): Promise<string | undefined> {
    const silent = await trx
      .selectFrom('action_runs')
      .innerJoin('ssm_invocations', (join) =>
        join
          .onRef('ssm_invocations.command_id', '=', 'action_runs.command_id')
          .onRef('ssm_invocations.instance_id', '=', 'action_runs.instance_id'),
      )
      .leftJoin('ssm_instances', 'ssm_instances.instance_id', 'action_runs.instance_id')
      .select('ssm_invocations.trace')
      .where('action_runs.instance_id', '=', instanceID)
      .where('ssm_invocations.status_details', '=', 'DeliveryTimedOut')
      .where((where) =>
        where.or([
          where('last_ping_at', 'is', null),
          where('last_ping_at', '<', where.ref('ssm_invocations.ended_at')),
        ]),
      )
      .executeTakeFirst()
    return silent?.trace ?? undefined
  }

  async prepare({ document }: ActionRunRow, instance: InstanceRow): Promise<PreparedRun> {
    const { secretBox, now } = this.#world
    const command = await prepareAction(this.#world, document, instance)
    const commandID = randomUUID()
    const comment = `Post-launch action ${document.actionName}`
    return {
      execution: { command_id: commandID, image_id: null },
      begin: (trx) =>
        insertCommand(trx, secretBox, {
          ...command,
          commandID,
          comment: comment.slice(0, COMMENT_CHARACTERS_MAX).toWellFormed(),
          instanceIDs: [instance.instance_id],
          targets: [],
          instances: [instance],
          timeoutSeconds: TIMEOUT_SECONDS_DEFAULT,
          maxConcurrency: MAX_CONCURRENCY_DEFAULT,
          maxErrors: MAX_ERRORS_DEFAULT,
          now: now(),
        }),
    }
  }

  async outcomeOf(trx: Transaction<Schema>, run: ActionRunRow): Promise<ActionOutcome | undefined> {
    const invocation = await invocationOf(trx, run)
    if (invocation === undefined) return failed('Its command is not there any more.')
    const { timeoutSeconds } = run.document
    if (isEnded(invocation.status)) return outcomeOf(invocation, timeoutSeconds)
    await this.#stopLate(trx, invocation, timeoutSeconds)
    return undefined
  }

  /** The time of an action is that of all its steps together. */
  async #stopLate(trx: Transaction<Schema>, invocation: SsmInvocationRow, timeoutSeconds: number) {
    const { command_id: commandID, started_at: startedAt } = invocation
    const now = this.#world.now()
    if (startedAt === null || now.getTime() < startedAt.getTime() + timeoutSeconds * 1000) return
    await lockCommand(trx, commandID)
    await moveInvocations(trx, 'CancelAsked', { commandID, now })
    this.#world.notifier.notify(instanceKey(invocation.instance_id))
  }
}

function invocationOf(
  db: Kysely<Schema>,
  run: ActionRunRow,
): Promise<SsmInvocationRow | undefined> {
  return db
    .selectFrom('ssm_invocations')
    .selectAll()
    .where('command_id', '=', run.command_id ?? '')
    .where('instance_id', '=', run.instance_id)
    .executeTakeFirst()
}
