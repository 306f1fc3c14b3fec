import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import type { ChannelResult, PointCreated, StagingCommand } from '@landfall/model'
import type { TestIdentity } from './replication-server/test-certificates.ts'

/**
 * The service as the staging area sees it. Commands come again until their result was sent; while
 * `isDown` every call fails.
 */
export class TestService implements AsyncDisposable {
  isDown = false
  admitted: string[] = []
  readonly commands: StagingCommand[] = []
  readonly results = new Map<string, ChannelResult['outcome']>()
  readonly points: PointCreated['point'][] = []
  readonly actions: string[] = []
  readonly #server: Server

  private constructor(identity: TestIdentity) {
    this.#server = createServer(
      {
        key: identity.keyPem,
        cert: identity.certificatePem,
        ca: identity.caPem,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => void this.#serve(request, response),
    )
  }

  static async start(identity: TestIdentity): Promise<TestService> {
    const service = new TestService(identity)
    service.#server.listen(0, '127.0.0.1')
    await once(service.#server, 'listening')
    return service
  }

  get endpoint(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await json(request)
    const { OU } = (request.socket as TLSSocket).getPeerCertificate().subject
    if (this.isDown || OU !== 'replication-server') {
      response.writeHead(503).end()
      return
    }
    const answer = await this.#answer(request.url?.slice(1) ?? '', body)
    response.end(JSON.stringify(answer))
  }

  async #answer(action: string, body: unknown): Promise<object> {
    if (action === 'GetChannelCommandsForMgn') {
      if (this.commands.length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      return { commands: this.commands, admitted: this.admitted }
    }
    this.actions.push(action)
    if (action === 'SendChannelCommandResultForMgn') {
      const { commandID, outcome } = body as ChannelResult
      this.results.set(commandID, outcome)
      const index = this.commands.findIndex((command) => command.commandID === commandID)
      if (index >= 0) this.commands.splice(index, 1)
    }
    if (action === 'BatchCreateVolumeSnapshotGroupForMgn') {
      this.points.push((body as PointCreated).point)
    }
    return {}
  }
}
