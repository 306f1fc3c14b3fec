import {
  errorText,
  type InstanceCommand,
  type InstanceCommandResult,
  type InstanceIdentity,
  type InstancePoll,
  type InstancePollAnswer,
} from '@landfall/model'
import type { AgentFiles } from '../agent-files.ts'
import { pause, Wakeup } from '../running/wakeup.ts'
import type { AgentClient } from '../service-client/agent-client.ts'
import { CommandRecords } from './command-records.ts'
import { instanceFacts } from './instance-facts.ts'
import { Patience, PAUSES, type Pauses } from './patience.ts'
import { runCommand } from './run-command.ts'
import { killLeftOver } from './run-script.ts'

/** What the service takes. */
const TRACE_CHARACTERS_MAX = 2500

const INTERRUPTED =
  'The agent was interrupted, or the machine restarted, while the command ran. ' +
  'It is not run again, as nobody knows how far it came.'
const FAILED = { status: 'Failed', steps: [] } as const
const RUN_BEFORE = 'The command was run on this instance before. It is not run again.'

export interface InstanceCommandsOptions {
  readonly files: AgentFiles
  readonly identity: InstanceIdentity
  readonly client: AgentClient
  readonly log: (message: string) => void
  readonly signal: AbortSignal
  readonly pauses?: Pauses
}

/**
 * Runs the commands that the service has for this instance, each at most once whatever happens, and
 * tells how they ended until it is taken.
 */
export class InstanceCommands {
  readonly #options: InstanceCommandsOptions
  /** Aborted with the caller's signal, or when the service refuses this instance. */
  readonly #ending = new AbortController()
  readonly #signal: AbortSignal
  readonly #news = new Wakeup()
  #isDone = false
  /** What runs here and now, and how to cancel it. */
  readonly #running = new Map<string, { cancel: AbortController; ended: Promise<void> }>()

  constructor(options: InstanceCommandsOptions) {
    this.#options = options
    this.#signal = AbortSignal.any([options.signal, this.#ending.signal])
  }

  /**
   * Returns when the signal is aborted, or when the service wants to know nothing of us; `done`:
   * it has said that the agent is to remove itself.
   */
  async run(): Promise<'stopped' | 'done'> {
    const folder = this.#options.files.commands
    await killLeftOver(folder)
    const records = await CommandRecords.open(folder)
    for (const commandID of records.unfinished()) {
      await this.#finish({ ...FAILED, commandID, trace: INTERRUPTED }, records)
    }
    await Promise.all([this.#pollLoop(records), this.#tellLoop(records)])
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    return this.#isDone ? 'done' : 'stopped'
  }

  async #pollLoop(records: CommandRecords): Promise<void> {
    const { client, log } = this.#options
    const patience = new Patience(this.#options.pauses)
    let lastFailure = ''
    while (!this.#signal.aborted) {
      try {
        const answer = await client.pollInstance(await this.#question(records), this.#signal)
        if (lastFailure !== '') log('The service answers again')
        lastFailure = ''
        patience.succeeded()
        await this.#take(answer, records)
      } catch (error) {
        if (this.#signal.aborted) return
        const failure = errorText(error)
        if (failure !== lastFailure) log(`The service gives no commands, asking again: ${failure}`)
        lastFailure = failure
        if (!(await patience.again(error, this.#signal))) this.#ending.abort()
      }
    }
  }

  async #question(records: CommandRecords): Promise<Omit<InstancePoll, 'waitSeconds'>> {
    const { instanceID, token } = this.#options.identity
    const untaken = records.untaken().map((result) => result.commandID)
    const cancelled = [...this.#running].filter(([, { cancel }]) => cancel.signal.aborted)
    return {
      instanceID,
      token,
      facts: await instanceFacts(),
      running: [...this.#running.keys(), ...untaken],
      cancelling: [...cancelled.map(([commandID]) => commandID), ...untaken],
    }
  }

  async #take(answer: InstancePollAnswer, records: CommandRecords): Promise<void> {
    // An answer may have been under way while a command ended: what is open here stays as it is.
    for (const command of answer.commands) {
      const { commandID } = command
      const state = records.stateOf(commandID)
      if (state === 'unknown') this.#start(command, records)
      if (state !== 'taken') continue
      await this.#finish({ ...FAILED, commandID, trace: RUN_BEFORE }, records)
    }
    for (const commandID of answer.cancelled) {
      this.#options.log(`Command ${commandID} is cancelled`)
      this.#running.get(commandID)?.cancel.abort()
      if (records.stateOf(commandID) === 'open') continue
      await this.#finish({ commandID, status: 'Cancelled', steps: [] }, records)
    }
    const isIdle = this.#running.size + records.untaken().length === 0
    if (answer.uninstall === true && isIdle) {
      this.#isDone = true
      this.#ending.abort()
      return
    }
    const isEmpty = answer.commands.length + answer.cancelled.length === 0
    // A service may not hold polls.
    if (isEmpty) await pause((this.#options.pauses ?? PAUSES).minMs, this.#signal)
  }

  #start(command: InstanceCommand, records: CommandRecords): void {
    const cancel = new AbortController()
    const ended = this.#execute(command, AbortSignal.any([cancel.signal, this.#signal]), records)
    this.#running.set(command.commandID, { cancel, ended })
  }

  async #execute(command: InstanceCommand, signal: AbortSignal, records: CommandRecords) {
    const { files, identity, log } = this.#options
    const { commandID } = command
    let result: InstanceCommandResult
    try {
      await records.begin(commandID)
      log(`Command ${commandID} begins`)
      const folder = records.folderOf(commandID)
      result = await runCommand(command, { folder, instanceID: identity.instanceID, signal })
    } catch (error) {
      const trace = `The command cannot be run below ${files.commands}: ${errorText(error)}`
      result = { ...FAILED, commandID, trace: trace.slice(0, TRACE_CHARACTERS_MAX) }
    }
    // What is cut because the agent ends is told by the next one, as interrupted.
    const isCut = this.#signal.aborted && result.status === 'Cancelled'
    if (!isCut) await this.#finish(result, records)
    this.#running.delete(commandID)
  }

  async #finish(result: InstanceCommandResult, records: CommandRecords): Promise<void> {
    const { log } = this.#options
    log(`Command ${result.commandID} ends: ${result.status} ${result.trace ?? ''}`)
    try {
      await records.finish(result)
    } catch (error) {
      log(`How it ended cannot be written down, and is told all the same: ${errorText(error)}`)
    }
    this.#news.wake()
  }

  async #taken(result: InstanceCommandResult, records: CommandRecords): Promise<void> {
    try {
      await records.taken(result)
    } catch (error) {
      this.#options.log(`That it was told cannot be written down: ${errorText(error)}`)
    }
  }

  async #tellLoop(records: CommandRecords): Promise<void> {
    const { client, identity, log } = this.#options
    const { instanceID, token } = identity
    let patience = new Patience(this.#options.pauses)
    while (!this.#signal.aborted) {
      const [result] = records.untaken()
      if (result === undefined) {
        await this.#news.wait({ signal: this.#signal })
        continue
      }
      try {
        await client.reportInstanceCommand({ instanceID, token, ...result }, this.#signal)
        patience.succeeded()
        await this.#taken(result, records)
      } catch (error) {
        if (this.#signal.aborted) return
        log(`The end of command ${result.commandID} is not told yet: ${errorText(error)}`)
        if (await patience.again(error, this.#signal)) continue
        log(`The service refuses to hear of command ${result.commandID}: giving it up`)
        await this.#taken(result, records)
        patience = new Patience(this.#options.pauses)
      }
    }
  }
}
