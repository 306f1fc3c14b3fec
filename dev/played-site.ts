import { createHash } from 'node:crypto'
import {
  type AgentCommand,
  type AgentPollAnswer,
  type AgentRegistered,
  type CommandResult,
  replicationFailure,
  type SourceDisk,
  type StagingCommand,
} from '@landfall/model'
import type { Caller } from '../packages/service/src/http/operation.ts'
import type { PlayedWorld } from '../packages/service/src/played/played-world.fixture.ts'
import { PlayedStagingArea } from '../packages/service/src/played/played-staging-area.fixture.ts'
import type { Initiation } from '../packages/service/src/source-servers/tables.ts'
import { beginningOf, FROM_THE_BEGINNING, STEADY } from './behaviour.ts'
import type { Member } from './cast.ts'
import type { Clock } from './clock.ts'
import { ACCOUNT, type DevelopmentService } from './development-service.ts'
import { PlayedAgent } from './played-agent.ts'
import { PlayedInstances } from './played-instances.ts'
import { factsOf, propertiesOf } from './source-properties.ts'
import { Tasks } from './tasks.ts'

const INSTALLER: Caller = {
  kind: 'user',
  userName: 'installer',
  accessKeyId: 'AKIAINSTALLERINSTALL',
  arn: `arn:aws:iam::${ACCOUNT.accountID}:user/installer`,
  isTemporary: false,
}

/** What commands to the staging area take; the others are done at once. */
const STAGING_MS: Partial<Record<StagingCommand['type'], number>> = {
  CREATE_VOLUMES: 3000,
  CONVERT: 15_000,
  INSPECT_POINT: 5000,
}
const AT_ONCE_MS = 500
const POINT_MS = 2000

/** How long an agent says nothing: nobody sees that steady ones are slower than real ones. */
const REPORT_MS = { steady: 10_000, moving: 2000 }

/** A server of the cast. */
interface Played {
  readonly agent: PlayedAgent
  readonly member: Member
  /** The initiation that the agent is in. */
  startedAt?: string | undefined
  toldAt?: Date
}

/** Source servers with agents, the staging area and launched instances: all of them played. */
export class PlayedSite implements PlayedWorld, AsyncDisposable {
  readonly now: () => Date
  readonly #service: DevelopmentService
  readonly #clock: Clock
  readonly #tasks: Tasks
  readonly #stagingArea: PlayedStagingArea
  readonly #instances: PlayedInstances
  readonly #cast = new Map<string, Played>()

  constructor(service: DevelopmentService, clock: Clock) {
    this.#service = service
    this.#clock = clock
    this.now = clock.now
    this.#tasks = new Tasks(clock, service.world.log)
    this.#stagingArea = new PlayedStagingArea(this)
    this.#instances = new PlayedInstances(service, this, this.#tasks)
  }

  async callForMgn<T>(name: string, input: object, caller: Caller): Promise<T> {
    const operation = this.#service.operations.forMgn[`${name}ForMgn`]
    if (operation === undefined) throw new Error(`There is no operation ${name}ForMgn`)
    const { signal } = new AbortController()
    const context = { ...ACCOUNT, caller, signal, now: this.now }
    return (await operation(input as never, context)) as T
  }

  async disksOf(sourceServerID: string): Promise<readonly SourceDisk[]> {
    const { properties } = await this.#service.world.db
      .selectFrom('source_servers')
      .select('properties')
      .where('source_server_id', '=', sourceServerID)
      .executeTakeFirstOrThrow()
    return properties.disks
  }

  /** Installs an agent on the server, which says what it sees there. */
  async register(member: Member): Promise<string> {
    const { hostname } = member
    const sourceProperties = propertiesOf(member, this.#cast.size + 1)
    const { sourceServerID } = await this.callForMgn<AgentRegistered>(
      'RegisterAgent',
      {
        machineIdentity: createHash('sha256').update(hostname).digest('hex'),
        sourceProperties,
        tags: { Name: hostname, Application: member.application },
        noReplication: false,
        agentVersion: '0.1.0',
      },
      INSTALLER,
    )
    const { disks } = sourceProperties
    const behaviour = beginningOf(member.behaviour)
    const agent = new PlayedAgent({ sourceServerID, disks, behaviour, now: this.now })
    this.#cast.set(sourceServerID, { agent, member })
    const guest = { lookedAt: this.now().toISOString(), facts: await factsOf(member) }
    await this.#asAgent('UpdateAgentSourceProperties', sourceServerID, { guest })
    return sourceServerID
  }

  /** From now on every server of the cast goes on as it is said of it, and tells so. */
  turn(): void {
    for (const played of this.#cast.values()) {
      if (played.agent.behaviour !== STEADY) continue
      played.agent.turn(played.member.behaviour)
      delete played.toldAt
    }
  }

  /** What has to be done now: by agents, the staging area and instances. How much that was. */
  async look(): Promise<number> {
    const open = await this.#obeyService()
    await this.#replicate()
    await this.#obeyPoints()
    const known = (id: string) =>
      this.#cast.get(id)?.member ?? { hostname: `host-of-${id}`, launch: {} }
    return open + (await this.#instances.look(known))
  }

  /** Has the staging area do what it was told; how many commands there were. */
  async #obeyService(): Promise<number> {
    const { commands } = await this.#stagingArea.poll()
    for (const command of commands) {
      const ms = STAGING_MS[command.type] ?? AT_ONCE_MS
      await this.#tasks.begin(command.commandID, ms, () => this.#carryOut(command))
    }
    return commands.length
  }

  async #carryOut(command: StagingCommand): Promise<void> {
    const server = 'sourceServerID' in command ? command.sourceServerID : ''
    const member = this.#cast.get(server)?.member
    if (command.type === 'CREATE_VOLUMES' && member?.behaviour.kind === 'no volumes') {
      await this.#stagingArea.end(command, member.behaviour.cause)
    } else if (command.type === 'CONVERT') {
      await this.#stagingArea.end(command, member?.launch.conversion)
    } else if (command.type === 'INSPECT_POINT' && member !== undefined) {
      const outcome = { ok: true, result: { facts: await factsOf(member) } } as const
      await this.#stagingArea.tellOutcome(command, outcome)
    } else await this.#stagingArea.end(command)
  }

  /** Has every agent of the cast ask and tell what is to be asked and told now. */
  async #replicate(): Promise<void> {
    if (this.#cast.size === 0) return
    const rows = await this.#service.world.db
      .selectFrom('source_servers')
      .select(['source_server_id', 'desired', 'initiation'])
      .where('source_server_id', 'in', [...this.#cast.keys()])
      .where('desired', 'in', ['REPLICATING', 'PAUSED'])
      .execute()
    for (const { source_server_id: id, desired, initiation } of rows) {
      const played = this.#cast.get(id)
      if (played === undefined) continue
      await this.#initiate(played, initiation)
      if (played.agent.behaviour.kind === 'silent' && initiation.dataAt !== undefined) continue
      if (initiation.connectedAt === undefined || desired === 'PAUSED') await this.#poll(id)
      else if (this.#isToTell(played)) await this.#report(played.agent)
    }
  }

  async #initiate(played: Played, initiation: Initiation): Promise<void> {
    const { startedAt, pairedAt, connectedAt } = initiation
    const { agent } = played
    const isNew = startedAt !== played.startedAt
    if (isNew && played.startedAt !== undefined) agent.turn(FROM_THE_BEGINNING)
    played.startedAt = startedAt
    const { sourceServerID } = agent
    const { behaviour } = agent
    if (isNew) {
      const isTold = behaviour.kind === 'stalled' && behaviour.by === 'staging area'
      const error = isTold ? replicationFailure(behaviour.error, behaviour.cause) : null
      await this.#stagingArea.tell('UpdateAgentReplicationProcessState', { sourceServerID, error })
    }
    if (pairedAt === undefined || connectedAt !== undefined) return
    await this.#stagingArea.tell('NotifyAgentConnected', { sourceServerID })
  }

  /** Also remembers that it does. In the story once is enough. */
  #isToTell(played: Played): boolean {
    const { agent, toldAt } = played
    const pauseMs = agent.behaviour.kind === 'steady' ? REPORT_MS.steady : REPORT_MS.moving
    const now = this.now()
    const isRecent = this.#clock.isTelling || now.getTime() < (toldAt?.getTime() ?? 0) + pauseMs
    if (toldAt !== undefined && isRecent) return false
    played.toldAt = now
    return true
  }

  /** Has agents make the points that the service asked for; also of servers that are not cast. */
  async #obeyPoints(): Promise<void> {
    const rows = await this.#service.world.db
      .selectFrom('agent_commands')
      .select('source_server_id')
      .where('finished_at', 'is', null)
      .distinct()
      .execute()
    for (const { source_server_id: id } of rows) {
      const agent = this.#cast.get(id)?.agent ?? (await this.#uncast(id))
      if (agent.behaviour.kind === 'silent' || agent.behaviour.kind === 'pointless') continue
      const { commands } = await this.#poll(id)
      for (const command of commands) {
        await this.#tasks.begin(command.commandID, POINT_MS, () => this.#obey(agent, command))
      }
    }
  }

  async #uncast(sourceServerID: string): Promise<PlayedAgent> {
    const disks = await this.disksOf(sourceServerID)
    return new PlayedAgent({ sourceServerID, disks, behaviour: STEADY, now: this.now })
  }

  async #obey(agent: PlayedAgent, command: AgentCommand): Promise<void> {
    const { sourceServerID, behaviour, disks } = agent
    const { commandID } = command
    const tell = (outcome: CommandResult['outcome']) =>
      this.#report(agent, [{ commandID, outcome }])
    if (command.type === 'VERIFY') {
      const compared = disks.map(({ deviceName, bytes }) => ({
        ...{ deviceName, comparedBytes: bytes, equalBytes: bytes },
        ...{ changedBytes: 0, differentBytes: 0, differentOffsets: [] },
      }))
      await tell({ ok: true, result: { disks: compared } })
    } else if (behaviour.kind === 'points fail') {
      await tell({ ok: false, error: behaviour.cause })
    } else {
      await this.#stagingArea.pointCreated(sourceServerID, command.pointID)
      await tell({ ok: true, result: {} })
    }
  }

  #report(agent: PlayedAgent, results: readonly CommandResult[] = []): Promise<unknown> {
    const { sourceServerID } = agent
    return this.#asAgent('UpdateAgentReplicationInfo', sourceServerID, agent.report(results))
  }

  #poll(sourceServerID: string): Promise<AgentPollAnswer> {
    return this.#asAgent('GetAgentCommand', sourceServerID, { waitSeconds: 0 })
  }

  #asAgent<T>(name: string, sourceServerID: string, input: object): Promise<T> {
    const caller = { kind: 'agent', sourceServerID } as const
    return this.callForMgn<T>(name, { sourceServerID, ...input }, caller)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tasks[Symbol.asyncDispose]()
  }
}
