import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { isId } from '@landfall/model'
import { Channel, ReusedMemory } from '@landfall/wire'
import { serveConnection, type ConnectionContext } from './connection.ts'
import { Sessions, type SessionEvents } from './sessions.ts'

/** Whoever does not finish the handshake by then does not speak TLS. */
const HANDSHAKE_MS_MAX = 10_000

/** Five connections for each of a few hundred servers; beyond it the kernel refuses. */
const CONNECTIONS_MAX = 2000

export interface ReplicationServerOptions
  extends Omit<ConnectionContext, 'sessions' | 'memory'>, SessionEvents {
  readonly port: number
  readonly tls: { readonly keyPem: string; readonly certificatePem: string; readonly caPem: string }
}

/** TCP 1500: takes nothing before mutual TLS 1.3, and then only from an agent's certificate. */
export class ReplicationServer implements AsyncDisposable {
  readonly sessions: Sessions
  readonly #server: Server
  readonly #options: ReplicationServerOptions
  readonly #channels = new Set<Channel>()
  readonly #memory = new ReusedMemory()
  #closed: Promise<void> | undefined

  private constructor(options: ReplicationServerOptions) {
    this.#options = options
    this.sessions = new Sessions(options)
    const { keyPem, certificatePem, caPem } = options.tls
    this.#server = createServer({
      key: keyPem,
      cert: certificatePem,
      ca: caPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      handshakeTimeout: HANDSHAKE_MS_MAX,
    })
    this.#server.maxConnections = CONNECTIONS_MAX
    this.#server.on('secureConnection', (socket) => void this.#serve(socket))
    this.#server.on('tlsClientError', (error, socket) => {
      options.log(`TLS with ${socket.remoteAddress ?? 'a peer'} failed: ${error.message}`)
    })
  }

  static async start(options: ReplicationServerOptions): Promise<ReplicationServer> {
    const server = new ReplicationServer(options)
    server.#server.listen(options.port)
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Tells every agent, waits for the operations under way, and closes the port. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    const message = 'The replication server is shutting down'
    await this.sessions.endAll({ code: 'shutting_down', message })
    for (const channel of this.#channels) channel.close()
    await closed
  }

  async #serve(socket: TLSSocket): Promise<void> {
    const sourceServerID = agentOf(socket)
    if (sourceServerID === undefined) {
      this.#options.log(`${socket.remoteAddress}: the certificate is not an agent's`)
      socket.destroy()
      return
    }
    socket.setNoDelay(true)
    const channel = new Channel(socket, { memory: this.#memory })
    this.#channels.add(channel)
    const context = { ...this.#options, sessions: this.sessions, memory: this.#memory }
    await serveConnection(channel, sourceServerID, context)
    await channel.closed
    this.#channels.delete(channel)
  }
}

/** The source server ID in an agent's certificate: OU=agent, CN=s-…. */
function agentOf(socket: TLSSocket): string | undefined {
  const { OU, CN } = socket.getPeerCertificate().subject ?? {}
  return OU === 'agent' && typeof CN === 'string' && isId('sourceServer', CN) ? CN : undefined
}
