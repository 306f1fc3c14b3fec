import type { ChannelPoll, ChannelPollAnswer, StagingCommand } from '@landfall/model'
import { sql } from 'kysely'
import type { OperationDependencies } from '../dependencies.ts'
import { readPassphrases } from '../disk-keys/disk-keys.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { instanceToken } from '../instances/tokens.ts'
import { replicationServerOf, validated } from '../valid-input.ts'
import { commandKey, STAGING_KEY } from './notifier.ts'
import { channelPoll, channelResult } from './schemas.ts'
import { takeStagingResult } from './staging-results.ts'
import type { StagingCommandRow } from './tables.ts'

/** The staging area's commands and how they ended. */
export function stagingChannelOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier, timing } = dependencies
  const polls = new StagingPolls(dependencies)
  return {
    forMgn: {
      GetChannelCommandsForMgn: validated(channelPoll, async (input, context) =>
        polls.poll(input, replicationServerOf(context), context),
      ),
      SendChannelCommandResultForMgn: validated(channelResult, async (result, context) => {
        await takeStagingResult(db, result, {
          replicatorID: replicationServerOf(context),
          retryMs: timing.volumesRetryMs,
          now: context.now(),
        })
        notifier.notify(commandKey(result.commandID))
        return {}
      }),
    },
  }
}

/**
 * Long polls of replication servers. A poll is answered as soon as there is something new, else
 * when its time is up; then it names every open command again, so that none is lost with an answer.
 */
class StagingPolls {
  readonly #world: OperationDependencies
  /** A digest of whom each replication server was told to admit last: they may be thousands. */
  readonly #told = new Map<string, string | null>()

  constructor(world: OperationDependencies) {
    this.#world = world
  }

  async poll(
    { waitSeconds }: ChannelPoll,
    replicationServerID: string,
    { now, signal }: CallContext,
  ): Promise<ChannelPollAnswer> {
    const { notifier, timing } = this.#world
    await this.#markSeen(replicationServerID, now())
    const look = async () => {
      const answer = await this.#read(replicationServerID, now())
      return answer.isNew ? answer : undefined
    }
    const timeoutMs = Math.min(waitSeconds * 1000, timing.pollMs)
    const options = { timeoutMs, recheckMs: timing.recheckMs, signal }
    const fresh = await notifier.until(STAGING_KEY, look, options)
    const { commands, admission } = fresh ?? (await this.#read(replicationServerID, now()))
    await this.#markDelivered(commands, replicationServerID, now())
    const servers = await this.#admitted().select('source_server_id').orderBy('seq').execute()
    this.#told.set(replicationServerID, admission)
    const admitted = servers.map((row) => row.source_server_id)
    const complete = await Promise.all(commands.map((row) => this.#withSecrets(row.command)))
    return { commands: complete, admitted }
  }

  async #read(replicationServerID: string, now: Date) {
    const { db } = this.#world
    const commands = await db
      .selectFrom('staging_commands')
      .selectAll()
      .where('finished_at', 'is', null)
      .where('not_before', '<=', now)
      .orderBy('seq')
      .execute()
    const { admission } = await this.#admitted()
      .select(
        sql<string | null>`md5(string_agg(source_server_id, '' order by seq))`.as('admission'),
      )
      .executeTakeFirstOrThrow()
    const isNew =
      commands.some((row) => row.delivered_at === null) ||
      this.#told.get(replicationServerID) !== admission
    return { commands, admission, isNew }
  }

  #admitted() {
    return this.#world.db
      .selectFrom('source_servers')
      .where('desired', 'in', ['REPLICATING', 'PAUSED'])
  }

  /** The token and the passphrases are put in on the way out: they are never in a command's row. */
  async #withSecrets(command: StagingCommand): Promise<StagingCommand> {
    if (command.type !== 'CONVERT' && command.type !== 'INSPECT_POINT') return command
    const { db, instances, secretBox } = this.#world
    const passphrases = await readPassphrases(db, secretBox, command.sourceServerID)
    if (command.type === 'INSPECT_POINT') return { ...command, passphrases }
    const token = instanceToken(instances.tokenKey, command.instanceID)
    const identity = { ...command.plan.identity, token }
    return { ...command, plan: { ...command.plan, identity, passphrases } }
  }

  async #markSeen(replicationServerID: string, now: Date) {
    await this.#world.db
      .insertInto('replication_servers')
      .values({ replication_server_id: replicationServerID, last_seen_at: now })
      .onConflict((conflict) =>
        conflict.column('replication_server_id').doUpdateSet({ last_seen_at: now }),
      )
      .execute()
  }

  async #markDelivered(
    commands: readonly StagingCommandRow[],
    replicationServerID: string,
    now: Date,
  ) {
    if (commands.length === 0) return
    const ids = commands.map((row) => row.command_id)
    await this.#world.db
      .updateTable('staging_commands')
      .set({ delivered_at: now, replication_server_id: replicationServerID })
      .where('command_id', 'in', ids)
      .execute()
  }
}
