import { randomUUID } from 'node:crypto'
import {
  AGENT_CHANNEL_PING,
  AGENT_PORT,
  AgentFrameDecoder,
  encodeAgentFrame,
  type AgentChannelAnswer,
} from '@landfall/model'
import type {
  Transport,
  TransportAnswer,
  TransportRequest,
} from '../service-client/https-transport.ts'
import { ServiceCallError, type CallFailure } from '../service-client/transport-failure.ts'
import { SerialPort, type SerialPortEvents } from './serial-port.ts'

const AGENT_PORT_PATH = `/dev/virtio-ports/${AGENT_PORT}`

/** A service that listens answers a ping at once, unless it is very busy. */
const PING_TIMEOUT_MS = 5000

/** What is needed of a port; it is gone for good once it is closed. */
export type Port = Pick<SerialPort, 'write' | 'close' | 'isClosed'>

type Settle = (outcome: AgentChannelAnswer | Error) => void

/** The service by the virtio-serial port that the provider gives an instance; needs no network. */
export class ChannelTransport implements Transport {
  readonly #open: (events: SerialPortEvents) => Promise<Port>
  #opened: Promise<Port> | undefined
  #isAnswering = false
  #pinging: Promise<boolean> | undefined
  readonly #waiting = new Map<string, Settle>()

  constructor(
    open: (events: SerialPortEvents) => Promise<Port> = (events) =>
      SerialPort.open(AGENT_PORT_PATH, events),
  ) {
    this.#open = open
  }

  /** Whether there is a port, and the service at its other end. */
  async answers(): Promise<boolean> {
    if (this.#isAnswering) return true
    this.#pinging ??= this.#ping().finally(() => (this.#pinging = undefined))
    return await this.#pinging
  }

  async send(request: TransportRequest): Promise<TransportAnswer> {
    const { path, body = '{}', timeoutMs, signal } = request
    const call = { action: path.slice(1), input: JSON.parse(body), timeoutMs }
    const answer = await this.#exchange(signal === undefined ? call : { ...call, signal })
    return {
      status: answer.status,
      headers: answer.errorType === undefined ? {} : { 'x-amzn-errortype': answer.errorType },
      body: JSON.stringify(answer.body),
    }
  }

  close(): void {
    const opened = this.#opened
    this.#opened = undefined
    void opened?.then((port) => port.close()).catch(() => undefined)
    this.#gone()
  }

  async #ping(): Promise<boolean> {
    const call = { action: AGENT_CHANNEL_PING, input: {}, timeoutMs: PING_TIMEOUT_MS }
    try {
      this.#isAnswering = (await this.#exchange(call)).status === 200
    } catch {
      this.#isAnswering = false // No port, another program's, or nobody there.
    }
    return this.#isAnswering
  }

  async #exchange(call: {
    action: string
    input: Record<string, unknown>
    timeoutMs: number
    signal?: AbortSignal
  }): Promise<AgentChannelAnswer> {
    const { action, input, timeoutMs, signal: given } = call
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = given === undefined ? deadline : AbortSignal.any([given, deadline])
    const id = randomUUID()
    const { promise, resolve: settle } = Promise.withResolvers<AgentChannelAnswer | Error>()
    const onAbort = () => settle(failure('timeout', 'did not answer in time'))
    this.#waiting.set(id, settle)
    signal.addEventListener('abort', onAbort)
    try {
      const port = await this.#port()
      // The host's end may go while this waits for room: then the answer is that.
      port.write(encodeAgentFrame({ id, action, input }), signal).catch(settle)
      const outcome = await promise
      if (!(outcome instanceof Error)) return outcome
      given?.throwIfAborted()
      this.#isAnswering = false
      throw outcome instanceof ServiceCallError ? outcome : failure('broken', outcome.message)
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(id)
    }
  }

  async #port(): Promise<Port> {
    const port = await this.#opened?.catch(() => undefined)
    if (port?.isClosed === false) return port
    const decoder = new AgentFrameDecoder()
    this.#opened = this.#open({
      onBytes: (bytes) => {
        for (const frame of decoder.push(bytes)) this.#take(frame as AgentChannelAnswer)
      },
      onGone: () => this.#gone(),
    })
    return await this.#opened
  }

  /** Of another life of this agent, or of a request that was given up: nobody waits for those. */
  #take(frame: AgentChannelAnswer): void {
    if (typeof frame === 'object' && frame !== null) this.#waiting.get(frame.id)?.(frame)
  }

  #gone(): void {
    this.#isAnswering = false
    const gone = failure('broken', 'is not there')
    for (const settle of this.#waiting.values()) settle(gone)
  }
}

function failure(kind: CallFailure, what: string): ServiceCallError {
  const message = `The service at the other end of ${AGENT_PORT_PATH} ${what}.`
  return new ServiceCallError({ failure: kind, message })
}
