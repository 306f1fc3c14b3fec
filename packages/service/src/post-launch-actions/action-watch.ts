import { LandfallError } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import { Attempts } from '../background.ts'
import { instanceKey } from '../channel/notifier.ts'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { lockInstance } from '../ec2/instances.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { ActionExecutor, PreparedRun } from './action-executor.ts'
import { failed, type ActionOutcome } from './action-outcome.ts'
import { CommandExecutor } from './run-as-command.ts'
import { ImageExecutor, makesImage } from './run-as-image.ts'
import type { ActionRunRow } from './tables.ts'

type World = Pick<
  Dependencies,
  'db' | 'provider' | 'account' | 'secretBox' | 'notifier' | 'timing' | 'now' | 'log'
>

/**
 * Runs the actions of launched instances, those of one instance one after the other in their order,
 * also after one has failed. Everything is in the database: a service that was killed goes on where
 * it was. An action and what carries it out, a command or an image, are recorded together, and a
 * command is run at most once.
 */
export class ActionWatch {
  readonly #world: World
  readonly #attempts: Attempts
  readonly #commands: ActionExecutor
  readonly #images: ActionExecutor

  constructor(world: World) {
    this.#world = world
    this.#commands = new CommandExecutor(world)
    this.#images = new ImageExecutor(world)
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
    if (running !== undefined) {
      const outcome = await this.#executorOf(running).outcomeOf(trx, running)
      if (outcome === undefined) return undefined
      await this.#end(trx, running, outcome)
    }
    for (const run of runs.filter(({ state }) => state === 'WAITING')) {
      const hindrance =
        this.#hindranceOf(instance) ?? (await this.#executorOf(run).hindranceOf(trx, instanceID))
      if (hindrance === 'not yet') return undefined
      if (hindrance === undefined) return { instance, run }
      await this.#end(trx, run, failed(hindrance))
    }
    return undefined
  }

  #executorOf({ document }: ActionRunRow): ActionExecutor {
    return makesImage(document) ? this.#images : this.#commands
  }

  /** Why nothing can be run on the instance; `not yet` when it may be soon. */
  #hindranceOf({ state, first_boot: firstBoot }: InstanceRow): string | undefined {
    if (state === 'TERMINATED') return 'The instance was terminated.'
    if (firstBoot === 'UNKNOWN') {
      const minutes = Math.round(this.#world.timing.firstBootDeadlineMs / 60_000)
      return (
        `The instance did not report its first boot within ${minutes} minutes. Its console log and ` +
        'screen say more; once it has come up, run the actions again.'
      )
    }
    return firstBoot === 'SUCCEEDED' ? undefined : 'not yet'
  }

  async #begin({ instance, run }: Next): Promise<void> {
    const { db, notifier } = this.#world
    let prepared: PreparedRun
    try {
      prepared = await this.#executorOf(run).prepare(run, instance)
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error
      await db.transaction().execute(async (trx) => {
        await lockInstance(trx, run.instance_id)
        await this.#end(trx, run, failed(error.message))
      })
      return
    }
    await db.transaction().execute((trx) => this.#record(trx, run, prepared))
    notifier.notify(instanceKey(run.instance_id))
  }

  /** What carries it out and whose it is, together or not at all. */
  async #record(trx: Transaction<Schema>, run: ActionRunRow, { execution, begin }: PreparedRun) {
    const { instance_id: instanceID } = run
    await lockInstance(trx, instanceID)
    const begun = await trx
      .updateTable('action_runs')
      .set({ state: 'RUNNING', ...execution, started_at: this.#world.now() })
      .where('instance_id', '=', instanceID)
      .where('action_id', '=', run.action_id)
      .where('state', '=', 'WAITING')
      .where('attempt', '=', run.attempt)
      .returning('action_id')
      .executeTakeFirst()
    // It was to be run again meanwhile, perhaps with another document.
    if (begun !== undefined) await begin(trx)
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
