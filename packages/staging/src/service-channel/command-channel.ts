import { setTimeout as sleep } from 'node:timers/promises'
import {
  errorCode,
  errorText,
  type ChannelPollAnswer,
  type ChannelResult,
  type StagingCommand,
} from '@landfall/model'
import type { ServiceClient } from './service-client.ts'

const WAIT_SECONDS = 20
const BACKOFF_MS_MIN = 500
const BACKOFF_MS_MAX = 10_000

/** A command that is under way comes with every poll, which then does not wait: ask again later. */
const NOTHING_NEW_MS = 1000

/** A poll that was answered before a result arrived may bring the command once more. */
const DONE_COMMANDS_KEPT = 1000

export interface CommandChannelOptions {
  readonly client: ServiceClient
  readonly replicationServerID: string
  /** Idempotent: a command comes again after a restart. What it throws is the command's error. */
  readonly execute: (command: StagingCommand) => Promise<object>
  readonly onAdmitted: (sourceServerIDs: readonly string[]) => Promise<void>
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

/**
 * Takes the service's commands, runs them side by side, and sends each result until it is accepted.
 */
export class CommandChannel {
  readonly #options: CommandChannelOptions
  readonly #underWay = new Set<string>()
  readonly #done: string[] = []

  constructor(options: CommandChannelOptions) {
    this.#options = options
  }

  /** Polls until the signal aborts. */
  async run(): Promise<void> {
    const { signal, log } = this.#options
    let backoffMs = BACKOFF_MS_MIN
    while (!signal.aborted) {
      try {
        const isNew = await this.#poll()
        if (backoffMs > BACKOFF_MS_MIN) log('The service answers again')
        backoffMs = BACKOFF_MS_MIN
        if (!isNew) await sleep(NOTHING_NEW_MS, undefined, { signal })
      } catch (error) {
        if (signal.aborted) return
        if (backoffMs === BACKOFF_MS_MIN) log(`The service does not answer: ${errorText(error)}`)
        await sleep(backoffMs, undefined, { signal }).catch(() => undefined)
        backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX)
      }
    }
  }

  /** Whether it is worth asking again at once. */
  async #poll(): Promise<boolean> {
    const { client, replicationServerID, onAdmitted, signal } = this.#options
    const poll = { replicationServerID, waitSeconds: WAIT_SECONDS }
    const options = { signal, waitSeconds: WAIT_SECONDS }
    const answer = (await client.call(
      'GetChannelCommandsForMgn',
      poll,
      options,
    )) as ChannelPollAnswer
    await onAdmitted(answer.admitted)
    const fresh = answer.commands.filter(
      ({ commandID }) => !this.#underWay.has(commandID) && !this.#done.includes(commandID),
    )
    for (const command of fresh) void this.#serve(command)
    return answer.commands.length === 0 || fresh.length > 0
  }

  async #serve(command: StagingCommand): Promise<void> {
    const { commandID } = command
    this.#underWay.add(commandID)
    const outcome = await this.#outcome(command)
    await this.#sendUntilAccepted({ commandID, outcome })
    this.#underWay.delete(commandID)
    this.#done.push(commandID)
    if (this.#done.length > DONE_COMMANDS_KEPT) this.#done.shift()
  }

  async #outcome(command: StagingCommand): Promise<ChannelResult['outcome']> {
    try {
      return { ok: true, result: await this.#options.execute(command) }
    } catch (error) {
      const text = errorText(error)
      this.#options.log(`Command ${command.commandID} (${command.type}) failed: ${text}`)
      const code = errorCode(error)
      return { ok: false, error: text, ...(code !== 'internal' && { code }) }
    }
  }

  async #sendUntilAccepted(result: ChannelResult): Promise<void> {
    const { client, signal, log } = this.#options
    let backoffMs = BACKOFF_MS_MIN
    // After an abort the result is not sent: the command comes again to the next process.
    while (!signal.aborted) {
      try {
        await client.call('SendChannelCommandResultForMgn', result, { signal })
        return
      } catch (error) {
        if (signal.aborted) return
        log(`The result of ${result.commandID} was not accepted: ${errorText(error)}`)
        await sleep(backoffMs, undefined, { signal }).catch(() => undefined)
        backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX)
      }
    }
  }
}
