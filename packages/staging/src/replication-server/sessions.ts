import type { Channel, Hello, Refusal, Welcome } from '@landfall/wire'
import type { VolumeSet } from '../volumes/staging-volume.ts'
import { FatalRefusal } from './refused.ts'
import { Session } from './session.ts'

/** A delayed connection of an ended session must not push out a newer one. */
const ENDED_SESSIONS_KEPT = 100

export interface SessionEvents {
  readonly connected: (sourceServerID: string) => void
  readonly disconnected: (sourceServerID: string, reason: string) => void
}

interface ServerSessions {
  current: Session | undefined
  readonly endedIDs: string[]
  lastEntry: Promise<unknown>
}

/** The sessions of all source servers: one at a time for each. */
export class Sessions {
  readonly #servers = new Map<string, ServerSessions>()
  readonly #events: SessionEvents

  constructor(events: SessionEvents) {
    this.#events = events
  }

  /**
   * Joins the channel to the session the hello names. Another session of the server ends first, and
   * nothing of it is under way any more when this resolves.
   */
  enter(
    channel: Channel,
    hello: Hello,
    openSet: () => Promise<VolumeSet>,
  ): Promise<{ session: Session; welcome: Welcome }> {
    const server = this.#server(hello.sourceServerID)
    const entry = server.lastEntry.then(async () => {
      const session = await this.#sessionFor(server, hello, openSet)
      return { session, welcome: session.join(channel, hello) }
    })
    server.lastEntry = entry.catch(() => undefined)
    return entry
  }

  /** Ends the session of one server, if there is one. */
  async end(sourceServerID: string, reason: Refusal): Promise<void> {
    const current = this.#servers.get(sourceServerID)?.current
    current?.end(reason)
    await current?.idle()
  }

  async endAll(reason: Refusal): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((id) => this.end(id, reason)))
  }

  async #sessionFor(
    server: ServerSessions,
    hello: Hello,
    openSet: () => Promise<VolumeSet>,
  ): Promise<Session> {
    if (server.current?.id === hello.sessionID) return server.current
    if (server.endedIDs.includes(hello.sessionID)) {
      throw new FatalRefusal('superseded', 'The session has ended; begin a new one')
    }
    const before = server.current
    before?.end({ code: 'superseded', message: 'A newer session of the agent has begun' })
    await before?.idle()
    const session = new Session(hello, await openSet())
    server.current = session
    this.#events.connected(hello.sourceServerID)
    void session.ended.then((reason) => this.#onEnded(server, session, hello, reason))
    return session
  }

  #onEnded(server: ServerSessions, session: Session, hello: Hello, reason?: Refusal): void {
    server.endedIDs.push(session.id)
    if (server.endedIDs.length > ENDED_SESSIONS_KEPT) server.endedIDs.shift()
    if (reason?.code === 'superseded') return
    // What is still under way is waited for by whoever enters next.
    const text = reason?.message ?? 'The connection ended'
    void session.idle().then(() => {
      if (server.current === session) server.current = undefined
    })
    this.#events.disconnected(hello.sourceServerID, text)
  }

  #server(sourceServerID: string): ServerSessions {
    let server = this.#servers.get(sourceServerID)
    if (server === undefined) {
      server = { current: undefined, endedIDs: [], lastEntry: Promise.resolve() }
      this.#servers.set(sourceServerID, server)
    }
    return server
  }
}
