import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Provider } from '@landfall/launch'
import { errorText, LandfallError } from '@landfall/model'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { WebSocketServer, type WebSocket } from 'ws'
import { tokenOf } from '../console/cookie.ts'
import { requireSameOrigin } from '../console/same-origin.ts'
import { principalOf, signedIn } from '../console/signed-in.ts'
import type { Dependencies } from '../dependencies.ts'
import { authorizeCall } from '../http/api/authorize-call.ts'
import { runOwn } from '../http/api/own.ts'
import type { ServiceContext } from '../http/call.ts'
import { expectedFailure } from '../http/failure.ts'
import { found } from '../not-found.ts'
import { endScreen, passScreen, SCREEN_ENDS } from './pass-screen.ts'
import { ScreenTickets } from './screen-tickets.ts'

/** What policies allow or deny. */
export const OPEN_SCREEN = 'OpenInstanceScreen'

const PREFIX = 'landfall'
const PATH = '/console/screens/'

/** Screens that are open at once: each is a connection to QEMU and one to a browser. */
const SCREENS_MAX = 100

/** Keys and pointer are a few bytes, what is pasted some more. */
const MESSAGE_BYTES_MAX = 1024 * 1024

/** A still screen sends nothing; whoever has gone without a word is noticed all the same. */
const KEEP_ALIVE_MS = 30_000

const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'

export interface ScreenOptions {
  readonly open: Provider['openScreen']
  /** It is looked this often whether who looks still may. */
  readonly recheckMs: number
}

/** The screens of the provider's instances. */
export function screensOf({
  provider,
  timing,
}: Pick<Dependencies, 'provider' | 'timing'>): ScreenOptions {
  return {
    open: (instanceID, signal) => provider.openScreen(instanceID, signal),
    recheckMs: timing.screenRecheckMs,
  }
}

/** Whether a request wants to be a screen's connection; all others are answered as ever. */
export function isScreenUpgrade({ url = '' }: IncomingMessage): boolean {
  return url.startsWith(PATH)
}

/**
 * Routes the screens of instances: `POST /console/screens/{instanceID}` gives a ticket, and a web
 * socket of the same path with `?ticket=` shows the screen to who asked for it, once. The socket
 * passes the bytes of RFB, the protocol of VNC, and ends with the instance, with the session or the
 * permission of who looks, and with the service.
 */
export function routeScreens(
  server: FastifyInstance,
  service: ServiceContext,
  options: ScreenOptions,
): void {
  const tickets = new ScreenTickets()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX })
  const open = new Set<WebSocket>()

  server.post<{ Params: { instanceID: string } }>(`${PATH}:instanceID`, async (request, reply) => {
    requireSameOrigin(request)
    const principal = await principalOf(service, await signedIn(service, request))
    const { instanceID } = request.params
    const operation = async () => {
      await requireInstance(service, instanceID)
      const admission = { instanceID, token: tokenOf(request) ?? '' }
      const { ticket, expiresAt } = tickets.issue(admission, service.now())
      return { ticket, expiresAt: expiresAt.toISOString() }
    }
    const call = { request, reply, principal, wire: { instanceID } }
    return await runOwn(service, { name: OPEN_SCREEN, prefix: PREFIX, operation }, call)
  })

  server.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    admit(request)
      .then((instanceID) =>
        sockets.handleUpgrade(request, socket, head, (opened) => {
          void show(request, instanceID, opened)
        }),
      )
      // Why is not said: no browser tells its page.
      .catch(() => socket.end(FORBIDDEN))
  })

  /** Whose screen it is. Throws when the request may not open it. */
  async function admit(request: IncomingMessage): Promise<string> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://localhost')
    const instanceID = pathname.slice(PATH.length)
    const admission = { instanceID, token: tokenOf(request) ?? '' }
    requireOwnPage(request)
    const isAdmitted = tickets.take(searchParams.get('ticket') ?? '', admission, service.now())
    if (!isAdmitted) throw new LandfallError('access_denied', 'The ticket lets nobody in.')
    if (open.size >= SCREENS_MAX) throw new LandfallError('throttled', 'Too many screens are open.')
    await requireAllowed(service, request, instanceID)
    return instanceID
  }

  async function show(request: IncomingMessage, instanceID: string, socket: WebSocket) {
    const gone = new AbortController()
    const stop = () => endScreen(socket, SCREEN_ENDS.stopping)
    open.add(socket)
    // What comes meanwhile is for the screen.
    socket.pause()
    // What the other side does wrong ends its own connection.
    socket.on('error', () => socket.terminate())
    socket.once('close', () => {
      open.delete(socket)
      gone.abort()
      service.stopping.removeEventListener('abort', stop)
    })
    service.stopping.addEventListener('abort', stop)
    if (service.stopping.aborted) stop()
    watch(socket, options.recheckMs, () => requireAllowed(service, request, instanceID))
    try {
      const screen = await options.open(instanceID, gone.signal)
      if (gone.signal.aborted) screen.destroy()
      else passScreen(screen, socket)
    } catch (error) {
      if (gone.signal.aborted) return
      service.log(`The screen of instance ${instanceID} could not be opened: ${errorText(error)}`)
      // What is expected may be told; it says more than that there is none.
      const { code, reason } = SCREEN_ENDS.unavailable
      endScreen(socket, { code, reason: expectedFailure(error)?.message ?? reason })
    }
  }
}

async function requireInstance({ db }: ServiceContext, instanceID: string): Promise<void> {
  const row = await db
    .selectFrom('instances')
    .select('instance_id')
    .where('instance_id', '=', instanceID)
    .where('state', '<>', 'TERMINATED')
    .executeTakeFirst()
  found(row, 'Instance', instanceID)
}

/** A page of another origin can open a web socket, and the cookie comes along. */
function requireOwnPage({ headers }: IncomingMessage): void {
  const { origin, host } = headers
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === host) return
  throw new LandfallError('access_denied', 'Screens are for the console’s own pages.')
}

/** Throws unless the session goes on, and its user may see the screen. */
async function requireAllowed(
  service: ServiceContext,
  request: Pick<FastifyRequest, 'headers'>,
  instanceID: string,
): Promise<void> {
  const principal = await principalOf(service, await signedIn(service, request))
  const action = `${PREFIX}:${OPEN_SCREEN}`
  authorizeCall(service, principal, { action, input: { instanceID } })
}

/** Ends the socket when it is not allowed any more. */
function watch(socket: WebSocket, recheckMs: number, requireStill: () => Promise<void>): void {
  const timer = setInterval(() => {
    requireStill().catch(() => endScreen(socket, SCREEN_ENDS.notAllowed))
  }, recheckMs)
  socket.once('close', () => clearInterval(timer))
}
