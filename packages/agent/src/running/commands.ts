import {
  errorText,
  type AgentCommand,
  type CommandResult,
  type VerificationReport,
} from '@landfall/model'
import type { ReplicationControl } from './replication-control.ts'

/**
 * Commands whose result the service took, remembered because an answer of its that was on the way
 * may still name them. The service has at most a handful open at once.
 */
const REMEMBERED_MAX = 1000

/**
 * Executes the service's commands: points one after the other, verifications one after the other,
 * both side by side. A command that comes again while it runs, or while its result waits to be
 * taken, is not executed again.
 */
export class Commands {
  readonly #control: ReplicationControl
  readonly #log: (message: string) => void
  readonly #onResult: () => void
  readonly #known = new Set<string>()
  readonly #abort = new AbortController()
  #queues: Record<AgentCommand['type'], Promise<void>> = {
    CREATE_POINT: Promise.resolve(),
    VERIFY: Promise.resolve(),
  }
  #results: readonly CommandResult[] = []

  constructor(options: {
    control: ReplicationControl
    log: (message: string) => void
    onResult: () => void
  }) {
    this.#control = options.control
    this.#log = options.log
    this.#onResult = options.onResult
  }

  /** Starts the commands that are new; true when there was one. */
  accept(commands: readonly AgentCommand[]): boolean {
    const fresh = commands.filter((command) => !this.#known.has(command.commandID))
    for (const command of fresh) {
      this.#known.add(command.commandID)
      this.#queues[command.type] = this.#queues[command.type].then(() => this.#execute(command))
    }
    return fresh.length > 0
  }

  /** Finished, and not yet taken by the service. */
  results(): readonly CommandResult[] {
    return this.#results
  }

  /** The service has taken these results. */
  taken(results: readonly CommandResult[]): void {
    this.#results = this.#results.filter((result) => !results.includes(result))
    for (const oldest of this.#known) {
      if (this.#known.size <= REMEMBERED_MAX) break
      this.#known.delete(oldest)
    }
  }

  /** Aborts what runs and returns when nothing does. The service will name it again. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await Promise.all(Object.values(this.#queues))
  }

  async #execute(command: AgentCommand): Promise<void> {
    const { signal } = this.#abort
    if (signal.aborted) return
    this.#log(`Command ${command.commandID} ${command.type} begins`)
    let outcome: CommandResult['outcome']
    try {
      outcome = { ok: true, result: await this.#perform(command, signal) }
    } catch (error) {
      if (signal.aborted) return
      outcome = { ok: false, error: errorText(error) }
    }
    this.#log(`Command ${command.commandID} ends: ${outcome.ok ? 'done' : outcome.error}`)
    this.#results = [...this.#results, { commandID: command.commandID, outcome }]
    this.#onResult()
  }

  async #perform(
    command: AgentCommand,
    signal: AbortSignal,
  ): Promise<VerificationReport | Record<string, never>> {
    const replicator = await this.#control.replicator(signal)
    switch (command.type) {
      case 'CREATE_POINT':
        await replicator.createPoint(command.pointID, signal)
        return {}
      case 'VERIFY':
        return await replicator.verify({
          ...(command.pointID === undefined ? {} : { pointID: command.pointID }),
          signal,
        })
    }
  }
}
