import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AGENT_CHANNEL_PING,
  AGENT_FRAME_BYTES_MAX,
  AgentFrameDecoder,
  encodeAgentFrame,
  type AgentChannelAnswer,
  type AgentChannelRequest,
} from '@landfall/model'
import { z } from 'zod'
import { TOKEN_AUTHENTICATED } from './operations.ts'

/** Calls an operation as a client over HTTPS would, who has nothing but a token to show. */
export type CallOperation = (
  request: Pick<AgentChannelRequest, 'action' | 'input'>,
) => Promise<Omit<AgentChannelAnswer, 'id'>>

/** An agent has a poll and a report under way; one that starts anew leaves as many behind. */
const REQUESTS_AT_ONCE_MAX = 8

/** What a guest may ask of us in a second; an agent asks for less than one thing. */
const WINDOW_MS = 1000
const WINDOW_REQUESTS_MAX = 20
const WINDOW_BYTES_MAX = 4 * AGENT_FRAME_BYTES_MAX

/** Answers that a guest does not read are kept for it; one that never reads is cut off. */
const UNREAD_BYTES_MAX = 2 * AGENT_FRAME_BYTES_MAX

const agentRequest: z.ZodType<AgentChannelRequest> = z.object({
  id: z.string().max(64),
  action: z.string().max(64),
  input: z.record(z.string(), z.unknown()),
})

export interface AgentChannelOptions {
  readonly instanceID: string
  readonly stream: Duplex
  readonly call: CallOperation
  readonly signal: AbortSignal
}

/**
 * Answers what comes out of one instance until its stream ends. The guest may be anybody's: it is
 * heard as this instance only, and gets no more of us than one instance needs. Never throws.
 */
export async function serveAgentChannel(options: AgentChannelOptions): Promise<void> {
  const { stream, signal } = options
  const decoder = new AgentFrameDecoder()
  const window = new Window(signal)
  const underWay = new Set<Promise<void>>()
  const onAbort = () => stream.destroy()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      for (const frame of decoder.push(chunk)) {
        const { success, data: request } = agentRequest.safeParse(frame)
        if (!success) continue
        await window.pass({ requests: 1, bytes: 0 })
        const answering = answer(request, underWay.size, options)
        underWay.add(answering)
        void answering.then(() => underWay.delete(answering))
      }
      // Meanwhile nothing is read, and the guest waits.
      await window.pass({ requests: 0, bytes: chunk.length })
    }
  } catch {
    // The instance was stopped, or we are: there is nobody to be told.
  } finally {
    signal.removeEventListener('abort', onAbort)
    stream.destroy()
    await Promise.all(underWay)
  }
}

async function answer(
  request: AgentChannelRequest,
  underWay: number,
  { instanceID, stream, call }: AgentChannelOptions,
): Promise<void> {
  const outcome = refusal(request, { instanceID, underWay }) ?? (await answerOf(request, call))
  if (stream.destroyed) return
  stream.write(encodeAgentFrame({ id: request.id, ...outcome }))
  if (stream.writableLength > UNREAD_BYTES_MAX) stream.destroy()
}

type Outcome = Omit<AgentChannelAnswer, 'id'>

function refusal(
  { action, input }: AgentChannelRequest,
  { instanceID, underWay }: { instanceID: string; underWay: number },
): Outcome | undefined {
  if (underWay >= REQUESTS_AT_ONCE_MAX) {
    const message = `${REQUESTS_AT_ONCE_MAX} requests are under way`
    return { status: 429, errorType: 'ThrottlingException', body: { message } }
  }
  if (action === AGENT_CHANNEL_PING) return { status: 200, body: {} }
  if (!TOKEN_AUTHENTICATED.has(action)) {
    const message = `${action} is no operation for instances`
    return { status: 403, errorType: 'AccessDeniedException', body: { message } }
  }
  if (input['instanceID'] === instanceID) return undefined
  const message = `This is the channel of instance ${instanceID}, and of no other`
  return { status: 403, errorType: 'AccessDeniedException', body: { message } }
}

async function answerOf(request: AgentChannelRequest, call: CallOperation): Promise<Outcome> {
  try {
    return await call(request)
  } catch {
    // Said in the service's log where it happened.
    const message = 'The service could not answer'
    return { status: 500, errorType: 'InternalServerException', body: { message } }
  }
}

/** Lets so much pass in a second, and makes the rest wait. */
class Window {
  readonly #signal: AbortSignal
  #endsAtMs = 0
  #requests = 0
  #bytes = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async pass(more: { readonly requests: number; readonly bytes: number }): Promise<void> {
    const nowMs = performance.now()
    if (nowMs >= this.#endsAtMs) this.#begin(nowMs)
    this.#requests += more.requests
    this.#bytes += more.bytes
    if (this.#requests <= WINDOW_REQUESTS_MAX && this.#bytes <= WINDOW_BYTES_MAX) return
    await sleep(this.#endsAtMs - nowMs, undefined, { signal: this.#signal })
    this.#begin(performance.now())
  }

  #begin(nowMs: number): void {
    this.#endsAtMs = nowMs + WINDOW_MS
    this.#requests = 0
    this.#bytes = 0
  }
}
