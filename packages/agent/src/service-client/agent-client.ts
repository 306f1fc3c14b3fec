import type {
  AgentPollAnswer,
  AgentReplicationReport,
  FirstBootReport,
  InstanceCommandResult,
  InstancePoll,
  InstancePollAnswer,
  InstanceProof,
} from '@landfall/model'
import type { Seen } from '../guest/guest-watch.ts'
import type { Transport } from './https-transport.ts'
import { parseAnswer } from './service-answer.ts'

const CALL_TIMEOUT_MS = 15_000

/** Seconds the service may hold a poll: what a change takes at most, should it not be announced. */
const POLL_WAIT_SECONDS = 10

/** An instance is told of commands at once: the longer it may wait, the less it costs. */
const INSTANCE_POLL_WAIT_SECONDS = 20

/** The service as the running agent sees it: JSON over mutual TLS, or an instance's channel. */
export class AgentClient {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * What the agent is to do, and new commands. Returns at once when there are commands or the
   * configuration changed since the last poll, else after POLL_WAIT_SECONDS. `waitSeconds: 0` asks
   * without waiting.
   */
  async poll(
    sourceServerID: string,
    options: { waitSeconds?: number; signal?: AbortSignal } = {},
  ): Promise<AgentPollAnswer> {
    const { waitSeconds = POLL_WAIT_SECONDS, signal } = options
    const answer = await this.#call('GetAgentCommandForMgn', {
      input: { sourceServerID, waitSeconds },
      timeoutMs: waitSeconds * 1000 + CALL_TIMEOUT_MS,
      ...(signal && { signal }),
    })
    return answer as AgentPollAnswer
  }

  /** Returns once the service has taken the report, with the command results in it. */
  async report(report: AgentReplicationReport, signal?: AbortSignal): Promise<void> {
    await this.#call('UpdateAgentReplicationInfoForMgn', {
      input: report,
      ...(signal && { signal }),
    })
  }

  /** What the server is made of, for preflight, and its network as it is now. */
  async tellGuestFacts(
    told: { sourceServerID: string; guest: Seen & { lookedAt: string } },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#call('UpdateAgentSourcePropertiesForMgn', {
      input: told,
      ...(signal && { signal }),
    })
  }

  /** An instance says that it booted; needs no client certificate. */
  async reportFirstBoot(report: FirstBootReport, signal?: AbortSignal): Promise<void> {
    await this.#call('UpdateAgentConversionInfoForMgn', {
      input: report,
      ...(signal && { signal }),
    })
  }

  /** What an instance is to run, and to stop. Returns at once when there is something new. */
  async pollInstance(
    poll: Omit<InstancePoll, 'waitSeconds'>,
    signal?: AbortSignal,
  ): Promise<InstancePollAnswer> {
    const waitSeconds = INSTANCE_POLL_WAIT_SECONDS
    const answer = await this.#call('GetInstanceCommandForMgn', {
      input: { ...poll, waitSeconds },
      timeoutMs: waitSeconds * 1000 + CALL_TIMEOUT_MS,
      ...(signal && { signal }),
    })
    return answer as InstancePollAnswer
  }

  /** Returns once the service has taken how a command ended. */
  async reportInstanceCommand(
    result: InstanceProof & InstanceCommandResult,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#call('SendInstanceCommandResultForMgn', {
      input: result,
      ...(signal && { signal }),
    })
  }

  close(): void {
    this.#transport.close()
  }

  async #call(
    action: string,
    options: { input: object; timeoutMs?: number; signal?: AbortSignal },
  ): Promise<object> {
    const answer = await this.#transport.send({
      method: 'POST',
      path: `/${action}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(options.input),
      timeoutMs: options.timeoutMs ?? CALL_TIMEOUT_MS,
      ...(options.signal && { signal: options.signal }),
    })
    return parseAnswer(answer, action)
  }
}
