import { Attempts } from '../background.ts'
import type { Dependencies } from '../dependencies.ts'
import { serveAgentChannel, type CallOperation } from './agent-channel.ts'

type World = Pick<Dependencies, 'db' | 'provider' | 'log'>

/**
 * Keeps a connection to the channel of every running instance, so that its agent needs no network.
 * An instance that has none, or whose machine stands still, is tried again at every look.
 */
export class AgentChannels implements AsyncDisposable {
  readonly #world: World
  readonly #call: CallOperation
  readonly #attempts: Attempts
  readonly #stopping = new AbortController()
  readonly #open = new Map<string, { stop: AbortController; ended: Promise<void> }>()

  constructor(world: World, call: CallOperation) {
    this.#world = world
    this.#call = call
    this.#attempts = new Attempts(world.log)
  }

  async look(): Promise<void> {
    await this.#attempts.try('The channels of instances were not looked at', () => this.#look())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...this.#open.values()].map(({ ended }) => ended))
  }

  async #look(): Promise<void> {
    const rows = await this.#world.db
      .selectFrom('instances')
      .select('instance_id')
      .where('state', '=', 'RUNNING')
      .execute()
    const running = new Set(rows.map((row) => row.instance_id))
    for (const [instanceID, { stop }] of this.#open) if (!running.has(instanceID)) stop.abort()
    for (const instanceID of running) await this.#connect(instanceID)
  }

  async #connect(instanceID: string): Promise<void> {
    if (this.#open.has(instanceID) || this.#stopping.signal.aborted) return
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#stopping.signal, stop.signal])
    // Nothing is wrong: not every instance has a channel, and a machine may be off.
    const stream = await this.#world.provider
      .agentChannel(instanceID, signal)
      .catch(() => undefined)
    if (stream === undefined) return
    const ended = serveAgentChannel({ instanceID, stream, call: this.#call, signal }).then(() => {
      this.#open.delete(instanceID)
    })
    this.#open.set(instanceID, { stop, ended })
  }
}
