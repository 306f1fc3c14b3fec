import { randomUUID } from 'node:crypto'
import { isEnded, LandfallError } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import { Attempts } from '../background.ts'
import { instanceKey } from '../channel/notifier.ts'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { lockInstance } from '../ec2/instances.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { lockCommand, moveInvocations } from '../ssm/invocations.ts'
import { insertCommand, type PreparedCommand } from '../ssm/new-command.ts'
import {
  MAX_CONCURRENCY_DEFAULT,
  MAX_ERRORS_DEFAULT,
  TIMEOUT_SECONDS_DEFAULT,
} from '../ssm/send-command.ts'
import type { SsmInvocationRow } from '../ssm/tables.ts'
import { failed, outcomeOf, type ActionOutcome } from './action-outcome.ts'
import { prepareAction } from './prepare-action.ts'
import type { ActionRunRow } from './tables.ts'

type World = Pick<
  Dependencies,
  'db' | 'provider' | 'account' | 'secretBox' | 'notifier' | 'timing' | 'now' | 'log'
>

/** SSM's limit. */
const COMMENT_CHARACTERS_MAX = 100

/**
 * Runs the actions of launched instances, those of one instance one after the other in their order,
 * also after one has failed. Everything is in the database: a service that was killed goes on where
 * it was. An action and the command that runs it are recorded together, and a command is run at
 * most once.
 */
export class ActionWatch {
  readonly #world: World
  readonly #attempts: Attempts

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
  }

  /** Looks at every instance that has actions to run. What fails is tried at the next look. */
  async look(): Promise<void> {
    await this.#attempts.try('Post-launch actions were not looked at', async () => {
      const rows = await this.#world.db
        .selectFrom('action_runs')
        .select('instance_id')
        .distinct()
        .where('state', 'in', ['WAITING', 'RUNNING'])
        .execute()
      for (const { instance_id: id } of rows) {
        await this.#attempts.try(`Post-launch actions of instance ${id} do not go on`, () =>
          this.#goOn(id),
        )
      }
    })
  }

  /** Ends what has ended, and begins what can begin. */
  async #goOn(instanceID: string): Promise<void> {
    const { db } = this.#world
    for (;;) {
      const next = await db.transaction().execute((trx) => this.#settle(trx, instanceID))
      if (next === undefined) return
      await this.#begin(next)
    }
  }

  /** The action that is to begin now, if any. */
  async #settle(trx: Transaction<Schema>, instanceID: string): Promise<Next | undefined> {
    const instance = await lockInstance(trx, instanceID)
    const runs = await openRuns(trx, instanceID)
    const running = runs.find((run) => run.state === 'RUNNING')
    if (running !== undefined && !(await this.#settleRunning(trx, running))) return undefined
    const waiting = runs.filter((run) => run.state === 'WAITING')
    const [run] = waiting
    if (run === undefined) return undefined
    const hindrance = await this.#hindranceOf(trx, instance)
    if (hindrance === undefined) return { instance, run }
    if (hindrance === 'not yet') return undefined
    for (const one of waiting) await this.#end(trx, one, failed(hindrance))
    return undefined
  }

  /** Whether it has ended. */
  async #settleRunning(trx: Transaction<Schema>, run: ActionRunRow): Promise<boolean> {
    const invocation = await invocationOf(trx, run)
    if (invocation === undefined) {
      await this.#end(trx, run, failed('Its command is not there any more.'))
      return true
    }
    const { timeoutSeconds } = run.document
    if (isEnded(invocation.status)) {
      await this.#end(trx, run, outcomeOf(invocation, timeoutSeconds))
      return true
    }
    await this.#stopLate(trx, invocation, timeoutSeconds)
    return false
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

  /** Why nothing can be run on the instance; `not yet` when it may be soon. */
  async #hindranceOf(
    trx: Transaction<Schema>,
    { instance_id: id, state, first_boot: firstBoot }: InstanceRow,
  ): Promise<string | undefined> {
    if (state === 'TERMINATED') return 'The instance was terminated.'
    if (firstBoot === 'UNKNOWN') {
      const minutes = Math.round(this.#world.timing.firstBootDeadlineMs / 60_000)
      return (
        `The instance did not report its first boot within ${minutes} minutes. Its console log and ` +
        'screen say more; once it has come up, run the actions again.'
      )
    }
    if (firstBoot !== 'SUCCEEDED') return 'not yet'
    // Whoever did not take one command in time would not take the next ones either.
    const silent = await trx
      .selectFrom('action_runs')
      .innerJoin('ssm_invocations', (join) =>
        join
          .onRef('ssm_invocations.command_id', '=', 'action_runs.command_id')
          .onRef('ssm_invocations.instance_id', '=', 'action_runs.instance_id'),
      )
      .leftJoin('ssm_instances', 'ssm_instances.instance_id', 'action_runs.instance_id')
      .select('ssm_invocations.trace')
      .where('action_runs.instance_id', '=', id)
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

  async #begin({ instance, run }: Next): Promise<void> {
    const { db, notifier } = this.#world
    let command: PreparedCommand
    try {
      command = await prepareAction(this.#world, run.document, instance)
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error
      await db.transaction().execute(async (trx) => {
        await lockInstance(trx, run.instance_id)
        await this.#end(trx, run, failed(error.message))
      })
      return
    }
    await db.transaction().execute((trx) => this.#record(trx, { instance, run }, command))
    notifier.notify(instanceKey(run.instance_id))
  }

  /** The command and whose it is, together or not at all. */
  async #record(trx: Transaction<Schema>, { instance, run }: Next, command: PreparedCommand) {
    const { secretBox } = this.#world
    const now = this.#world.now()
    const { instance_id: instanceID } = run
    const commandID = randomUUID()
    await lockInstance(trx, instanceID)
    const begun = await trx
      .updateTable('action_runs')
      .set({ state: 'RUNNING', command_id: commandID, started_at: now })
      .where('instance_id', '=', instanceID)
      .where('action_id', '=', run.action_id)
      .where('state', '=', 'WAITING')
      .where('attempt', '=', run.attempt)
      .returning('action_id')
      .executeTakeFirst()
    // It was to be run again meanwhile, perhaps with another document.
    if (begun === undefined) return
    const comment = `Post-launch action ${run.document.actionName}`
    await insertCommand(trx, secretBox, {
      ...command,
      commandID,
      comment: comment.slice(0, COMMENT_CHARACTERS_MAX).toWellFormed(),
      instanceIDs: [instanceID],
      targets: [],
      instances: [instance],
      timeoutSeconds: TIMEOUT_SECONDS_DEFAULT,
      maxConcurrency: MAX_CONCURRENCY_DEFAULT,
      maxErrors: MAX_ERRORS_DEFAULT,
      now,
    })
  }

  async #end(trx: Transaction<Schema>, run: ActionRunRow, outcome: ActionOutcome) {
    await trx
      .updateTable('action_runs')
      .set({
        state: outcome.state,
        failure: outcome.state === 'FAILED' ? outcome.failure : null,
        ended_at: this.#world.now(),
      })
      .where('instance_id', '=', run.instance_id)
      .where('action_id', '=', run.action_id)
      .where('attempt', '=', run.attempt)
      .execute()
  }
}

interface Next {
  readonly instance: InstanceRow
  readonly run: ActionRunRow
}

async function openRuns(db: Kysely<Schema>, instanceID: string): Promise<ActionRunRow[]> {
  const rows = await db
    .selectFrom('action_runs')
    .selectAll()
    .where('instance_id', '=', instanceID)
    .where('state', 'in', ['WAITING', 'RUNNING'])
    .execute()
  return inOrder(rows)
}

/** Runs as their actions come one after the other. */
export function inOrder(runs: readonly ActionRunRow[]): ActionRunRow[] {
  return runs.toSorted((a, b) => a.document.order - b.document.order)
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
