import {
  CONNECTIONS_PER_AGENT_MAX,
  SCRUB_BYTES_PER_SECOND,
  type AgentPoll,
  type AgentPollAnswer,
  type AgentRuntimeConfiguration,
} from '@landfall/model'
import { NOT_WAITED_FOR } from '../database/not-waited-for.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { lockServer } from '../source-servers/records.ts'
import type { Initiation } from '../source-servers/tables.ts'
import { requireAgent, validated } from '../valid-input.ts'
import { openAgentCommands } from './agent-commands.ts'
import { agentKey } from './notifier.ts'
import { agentPoll, ofServer } from './schemas.ts'
import { setInitiation } from './volumes.ts'

/** What an agent asks: its settings and its commands. */
export function agentPollOperations(dependencies: OperationDependencies): OperationGroup {
  const polls = new AgentPolls(dependencies)
  return {
    forMgn: {
      GetAgentRuntimeConfigurationForMgn: validated(ofServer, async (input, context) => {
        requireAgent(context, input.sourceServerID)
        return polls.readConfiguration(input.sourceServerID)
      }),
      GetAgentCommandForMgn: validated(agentPoll, async (input, context) => {
        requireAgent(context, input.sourceServerID)
        return polls.poll(input, context)
      }),
    },
  }
}

/**
 * Long polls of agents. A poll is answered as soon as there is something new, else when its time is
 * up; then it names every open command again, for an agent that was restarted or missed an answer.
 */
class AgentPolls {
  readonly #world: OperationDependencies
  /**
   * The settings each agent was told last, as JSON. Lost on a restart, which only answers early.
   */
  readonly #told = new Map<string, string>()

  constructor(world: OperationDependencies) {
    this.#world = world
  }

  async poll(input: AgentPoll, { now, signal }: CallContext): Promise<AgentPollAnswer> {
    const { notifier, timing } = this.#world
    const { sourceServerID } = input
    await this.#markSeen(sourceServerID, now())
    const look = async () => {
      const answer = await this.#read(sourceServerID)
      return answer.isNew ? answer : undefined
    }
    const timeoutMs = Math.min(input.waitSeconds * 1000, timing.pollMs)
    // Whoever writes rings, and an agent asks again within seconds: thousands wait here, and none
    // looks in between.
    const options = { timeoutMs, recheckMs: timeoutMs, signal }
    const fresh = await notifier.until(agentKey(sourceServerID), look, options)
    const { configuration, commands } = fresh ?? (await this.#read(sourceServerID))
    await this.#markDelivered(commands, now())
    this.#told.set(sourceServerID, JSON.stringify(configuration))
    return { configuration, commands: commands.map((row) => row.command) }
  }

  /** For a server that was deleted it is as if it were disconnected: its agent is to go. */
  async readConfiguration(sourceServerID: string): Promise<AgentRuntimeConfiguration> {
    const { db, agent } = this.#world
    const row = await db
      .selectFrom('source_servers')
      .select(['desired', 'replication_configuration', 'scrub_bytes_per_second'])
      .where('source_server_id', '=', sourceServerID)
      .executeTakeFirst()
    return {
      desired: row?.desired ?? 'DISCONNECTED',
      replicationAddresses: agent.replicationAddresses,
      replicationPort: agent.replicationPort,
      bandwidthThrottlingMbps: row?.replication_configuration.bandwidthThrottling ?? 0,
      connections: CONNECTIONS_PER_AGENT_MAX,
      scrubBytesPerSecond: row?.scrub_bytes_per_second ?? SCRUB_BYTES_PER_SECOND,
    }
  }

  async #read(sourceServerID: string) {
    const configuration = await this.readConfiguration(sourceServerID)
    const commands = await openAgentCommands(this.#world.db, sourceServerID)
    const isNew =
      commands.some((row) => row.delivered_at === null) ||
      this.#told.get(sourceServerID) !== JSON.stringify(configuration)
    return { configuration, commands, isNew }
  }

  async #markDelivered(commands: readonly { command_id: string }[], now: Date) {
    if (commands.length === 0) return
    const ids = commands.map((row) => row.command_id)
    await this.#world.db
      .updateTable('agent_commands')
      .set({ delivered_at: now })
      .where('command_id', 'in', ids)
      .execute()
  }

  /** Also pairs: an agent that asks once its volumes are there learns where to connect. */
  async #markSeen(sourceServerID: string, now: Date) {
    const { db } = this.#world
    const row = await db
      .updateTable('source_servers')
      .set({ last_seen_at: now })
      .where('source_server_id', '=', sourceServerID)
      .returning(['initiation', NOT_WAITED_FOR])
      .executeTakeFirst()
    if (row === undefined || !isToBePaired(row.initiation)) return
    const pairedAt = now.toISOString()
    await db.transaction().execute(async (trx) => {
      const { initiation } = await lockServer(trx, sourceServerID)
      if (!isToBePaired(initiation)) return
      await setInitiation(trx, sourceServerID, { ...initiation, pairedAt })
    })
  }
}

function isToBePaired({ volumesCreatedAt, pairedAt }: Initiation): boolean {
  return volumesCreatedAt !== undefined && pairedAt === undefined
}
