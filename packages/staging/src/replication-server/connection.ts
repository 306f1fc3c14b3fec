import { errorText } from '@landfall/model'
import {
  type Channel,
  jsonFrame,
  type Frame,
  type Hello,
  type PayloadMemory,
  type Refusal,
} from '@landfall/wire'
import type { VolumeSet } from '../volumes/staging-volume.ts'
import { ByteWindow } from './byte-window.ts'
import { readHello } from './hello.ts'
import { FatalRefusal, fatalRefusal, requestRefusal } from './refused.ts'
import { answerRequest, requestCost } from './requests.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/**
 * Memory of requests under way per connection; then the socket is not read. Five connections of an
 * agent take 20 MiB, which covers a link of 1 Gbit/s with 160 ms.
 */
const CONNECTION_BYTES_MAX = 4 * 1024 * 1024

/** The hello is sent at once; who does not send it is not an agent. */
const HELLO_MS_MAX = 10_000

export interface ConnectionContext {
  readonly sessions: Sessions
  /** Whether the source server may replicate now. */
  readonly isAdmitted: (sourceServerID: string) => boolean
  /**
   * The open volumes of the server, as large as its disks, waiting a while for them; `FatalRefusal`
   * when there are none.
   */
  readonly openSet: (sourceServerID: string, disks: Hello['disks']) => Promise<VolumeSet>
  readonly onPoint: (sourceServerID: string) => void
  readonly log: (message: string) => void
  /** Of the channel: payloads go back there once their request is answered. */
  readonly memory: PayloadMemory
}

/** Serves one connection of the agent whose certificate names `sourceServerID`, until it ends. */
export async function serveConnection(
  channel: Channel,
  sourceServerID: string,
  context: ConnectionContext,
): Promise<void> {
  let session: Session | undefined
  // One failure ends the session, and only the first is worth a word.
  const onFailure = (error: unknown): void => {
    if (session?.hasEnded) return
    const refusal = fatalRefusal(error)
    const what = refusal === undefined ? 'connection broke' : `refused (${refusal.code})`
    context.log(`${sourceServerID}: ${what}: ${errorText(error)}`)
    if (session !== undefined) session.end(refusal)
    else if (refusal !== undefined) void refuse(channel, refusal)
  }
  try {
    const frames = channel[Symbol.asyncIterator]()
    const first = await firstFrame(channel, frames)
    if (first === undefined) return
    session = await begin(channel, first, sourceServerID, context)
    const onPoint = (): void => context.onPoint(sourceServerID)
    const { memory } = context
    await serveRequests({ channel, frames, session, memory, onPoint, onFailure })
    session.end()
  } catch (error) {
    onFailure(error)
  } finally {
    channel.close()
  }
}

async function firstFrame(
  channel: Channel,
  frames: AsyncGenerator<Frame, void>,
): Promise<Frame | undefined> {
  const deadline = setTimeout(() => channel.destroy(), HELLO_MS_MAX)
  try {
    return (await frames.next()).value ?? undefined
  } finally {
    clearTimeout(deadline)
  }
}

async function begin(
  channel: Channel,
  first: Frame,
  sourceServerID: string,
  context: ConnectionContext,
): Promise<Session> {
  const hello = readHello(first)
  if (hello.sourceServerID !== sourceServerID) {
    throw new FatalRefusal(
      'not_admitted',
      `The certificate is for ${sourceServerID}, and the hello says ${hello.sourceServerID}`,
    )
  }
  if (!context.isAdmitted(sourceServerID)) {
    const message = `The service does not admit source server ${sourceServerID} to replication`
    throw new FatalRefusal('not_admitted', message)
  }
  const openSet = (): Promise<VolumeSet> => context.openSet(sourceServerID, hello.disks)
  const { session, welcome } = await context.sessions.enter(channel, hello, openSet)
  await channel.send(jsonFrame('welcome', first.sequence, welcome))
  return session
}

/** Runs requests side by side, as many as fit into the window, until the channel ends. */
async function serveRequests(options: {
  channel: Channel
  frames: AsyncGenerator<Frame, void>
  session: Session
  memory: PayloadMemory
  onPoint: () => void
  onFailure: (error: unknown) => void
}): Promise<void> {
  const { channel, frames, session, memory, onPoint, onFailure } = options
  const window = new ByteWindow(CONNECTION_BYTES_MAX)
  for await (const request of frames) {
    const cost = requestCost(request, memory)
    await window.take(cost)
    if (session.hasEnded) return
    answer(channel, session, request, onPoint)
      .catch(onFailure)
      .finally(() => {
        memory.give(request.payload)
        window.give(cost)
      })
  }
}

async function answer(
  channel: Channel,
  session: Session,
  request: Frame,
  onPoint: () => void,
): Promise<void> {
  let reply: Frame
  try {
    reply = await answerRequest(session, request, onPoint)
  } catch (error) {
    const refusal = requestRefusal(error)
    if (refusal === undefined) throw error
    reply = jsonFrame('refused', request.sequence, refusal)
  }
  await channel.send(reply)
}

/** Tells why; the channel gives the peer a second to read it. */
async function refuse(channel: Channel, refusal: Refusal): Promise<void> {
  await channel.send(jsonFrame('fatal', 0, refusal)).catch(() => undefined)
}
