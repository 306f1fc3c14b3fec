import type { Kysely, Transaction } from 'kysely'
import { Attempts } from '../background.ts'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { lockCommand, moveInvocations, stopAtErrors } from './invocations.ts'

type World = Pick<Dependencies, 'db' | 'timing' | 'now' | 'log'>

/**
 * Ends commands that nobody will tell the end of: those that were not asked for in time, those
 * whose agent is silent, and those of instances that were terminated. Forgets old ones.
 */
export class CommandWatch {
  readonly #world: World
  readonly #attempts: Attempts
  /** While there was no service, no agent could tell anything. */
  readonly #since: Date

  constructor(world: World) {
    this.#world = world
    this.#attempts = new Attempts(world.log)
    this.#since = world.now()
  }

  /** Looks at every command that is open. What fails is logged, and tried at the next look. */
  async look(): Promise<void> {
    await this.#attempts.try('Commands on instances were not looked at', async () => {
      const { db } = this.#world
      const ids = await this.#due(db)
      for (const id of ids) await db.transaction().execute((trx) => this.#end(trx, id))
      await this.#forget()
    })
  }

  async #due(db: Kysely<Schema>): Promise<string[]> {
    const now = this.#world.now()
    const rows = await db
      .selectFrom('ssm_invocations')
      .innerJoin('ssm_commands', 'ssm_commands.command_id', 'ssm_invocations.command_id')
      .leftJoin('instances', 'instances.instance_id', 'ssm_invocations.instance_id')
      .select('ssm_commands.command_id')
      .distinct()
      .where('ended_at', 'is', null)
      .where((where) =>
        where.or([
          where.and([where('status', '=', 'Pending'), where('deliver_by', '<=', now)]),
          where('expires_at', '<=', this.#overdue()),
          where('instances.state', '=', 'TERMINATED'),
        ]),
      )
      .execute()
    return rows.map((row) => row.command_id)
  }

  async #end(trx: Transaction<Schema>, commandID: string): Promise<void> {
    const now = this.#world.now()
    const command = await lockCommand(trx, commandID)
    if (command === undefined) return
    const gone = await trx
      .selectFrom('ssm_invocations')
      .innerJoin('instances', 'instances.instance_id', 'ssm_invocations.instance_id')
      .select('instances.instance_id')
      .where('command_id', '=', commandID)
      .where('instances.state', '=', 'TERMINATED')
      .execute()
    if (gone.length > 0) {
      const instanceIDs = gone.map((row) => row.instance_id)
      const trace = 'The instance was terminated.'
      await moveInvocations(trx, 'InstanceGone', { commandID, instanceIDs, now, trace })
    }
    if (command.deliver_by <= now) {
      const trace = 'The agent of the instance did not ask for commands in time.'
      await moveInvocations(trx, 'NotDelivered', { commandID, now, trace })
    }
    if (command.expires_at <= this.#overdue()) {
      const trace = 'The agent of the instance did not tell in time how the command ended.'
      await moveInvocations(trx, 'NotEnded', { commandID, now, trace })
    }
    await stopAtErrors(trx, command, now)
  }

  /** What had to end by then, and was not told of, has not ended. */
  #overdue(): Date {
    const { now, timing } = this.#world
    const isNew = now().getTime() - this.#since.getTime() < timing.commandGraceMs
    return isNew ? new Date(0) : new Date(now().getTime() - timing.commandGraceMs)
  }

  async #forget(): Promise<void> {
    const { db, now, timing } = this.#world
    const open = db.selectFrom('ssm_invocations').select('command_id').where('ended_at', 'is', null)
    // What a post-launch action wrote is kept with it.
    const ofActions = db
      .selectFrom('action_runs')
      .select('command_id')
      .where('command_id', 'is not', null)
    await db
      .deleteFrom('ssm_commands')
      .where('requested_at', '<', new Date(now().getTime() - timing.commandKeptMs))
      .where('command_id', 'not in', open)
      .where('command_id', 'not in', ofActions)
      .execute()
  }
}
