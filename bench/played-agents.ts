import { setTimeout as sleep } from 'node:timers/promises'
import { obtainClientCertificate } from '../packages/agent/src/install/client-certificate.ts'
import { InstallerClient } from '../packages/agent/src/service-client/installer-client.ts'
import { KeptConnection } from './kept-connection.ts'
import { reportOf } from './played-servers.ts'
import type { ServiceAlone } from './service-alone.ts'

/** As packages/agent has them. */
const POLL_WAIT_SECONDS = 10
const POLL_PAUSE_MS = 1000

/** Certificates asked for at once. */
const AT_ONCE = 8

/** Agents that hold their poll, as agents do, and report when they are told to. */
export class PlayedAgents implements AsyncDisposable {
  readonly #agents: readonly PlayedAgent[]
  readonly #stopping = new AbortController()
  #polls: Promise<unknown> = Promise.resolve()

  private constructor(agents: readonly PlayedAgent[]) {
    this.#agents = agents
  }

  /** With a certificate and connections for each of the servers. */
  static async connect(service: ServiceAlone, ids: readonly string[]): Promise<PlayedAgents> {
    const client = new InstallerClient(service)
    const left = [...ids]
    const agents: PlayedAgent[] = []
    const work = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const certificate = await obtainClientCertificate(client, id)
        const agent = new PlayedAgent(id, new KeptConnection({ ...service, certificate }))
        agents.push(agent)
        await agent.report()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    client.close()
    return new PlayedAgents(agents)
  }

  get count(): number {
    return this.#agents.length
  }

  /** Has every agent hold its poll, not all from the same moment. */
  async holdPolls(signal: AbortSignal): Promise<void> {
    const apartMs = (POLL_WAIT_SECONDS * 1000) / this.#agents.length
    const polls: Promise<void>[] = []
    for (const agent of this.#agents) {
      polls.push(agent.poll(this.#stopping.signal))
      await sleep(apartMs, undefined, { signal })
    }
    this.#polls = Promise.all(polls)
  }

  /**
   * Reports of all agents in turn, so many a second, whether or not those before were answered.
   * How long each took from when it was due, and how many a second were answered.
   */
  async report(options: {
    readonly perSecond: number
    readonly seconds: number
    readonly signal: AbortSignal
  }): Promise<{ readonly latenciesMs: readonly number[]; readonly answeredPerSecond: number }> {
    const { perSecond, seconds, signal } = options
    const latenciesMs: number[] = []
    const startedAt = performance.now()
    const underWay = new Set<Promise<void>>()
    const failures: unknown[] = []
    for (let index = 0; index < perSecond * seconds; index++) {
      const dueAt = startedAt + (index * 1000) / perSecond
      const waitMs = dueAt - performance.now()
      if (waitMs > 1) await sleep(waitMs, undefined, { signal })
      const report = async (): Promise<void> => {
        await this.#agents[index % this.#agents.length]?.report()
        latenciesMs.push(performance.now() - dueAt)
      }
      const one = report()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(one))
      underWay.add(one)
    }
    await Promise.all(underWay)
    if (failures.length > 0) throw failures[0]
    const tookSeconds = (performance.now() - startedAt) / 1000
    return { latenciesMs, answeredPerSecond: latenciesMs.length / tookSeconds }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#polls
    for (const agent of this.#agents) agent[Symbol.dispose]()
  }
}

class PlayedAgent implements Disposable {
  readonly #sourceServerID: string
  readonly #connection: KeptConnection
  readonly #report: string

  constructor(sourceServerID: string, connection: KeptConnection) {
    this.#sourceServerID = sourceServerID
    this.#connection = connection
    this.#report = JSON.stringify(reportOf(sourceServerID))
  }

  async report(): Promise<void> {
    await this.#connection.call('/UpdateAgentReplicationInfoForMgn', { body: this.#report })
  }

  /** Holds a poll, again and again, until it is aborted; one that fails is tried again. */
  async poll(signal: AbortSignal): Promise<void> {
    const input = { sourceServerID: this.#sourceServerID, waitSeconds: POLL_WAIT_SECONDS }
    const body = JSON.stringify(input)
    while (!signal.aborted) {
      await this.#connection.call('/GetAgentCommandForMgn', { body, signal }).catch(() => '')
      await sleep(POLL_PAUSE_MS, undefined, { signal }).catch(() => {})
    }
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]()
  }
}
