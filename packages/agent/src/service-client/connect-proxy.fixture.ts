import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** Test fixture: an HTTP proxy that knows only CONNECT. Its fields are what a test may change. */
export class ConnectProxy {
  /** `HOST:PORT` of each tunnel that was asked for. */
  readonly targets: string[] = []
  /** `USER:PASSWORD` that is demanded. */
  credentials = ''
  /** Answered to CONNECT instead of a tunnel; `silent` answers nothing. */
  refusal: number | 'silent' | undefined
  /** Open connections of clients. */
  readonly clients = new Set<Socket>()
  readonly #server: Server = createServer((_request, response) => {
    response.statusCode = 405
    response.end()
  })

  static async start(t: TestContext): Promise<ConnectProxy> {
    const proxy = new ConnectProxy()
    const server = proxy.#server
    server.on('connection', (socket) => {
      proxy.clients.add(socket)
      socket.on('close', () => proxy.clients.delete(socket))
      socket.on('error', () => undefined)
    })
    server.on('connect', (request, client) => proxy.#serve(request, client as Socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => proxy.close())
    return proxy
  }

  /** Without credentials. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    for (const client of this.clients) client.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #serve(request: IncomingMessage, client: Socket): void {
    const target = request.url ?? ''
    this.targets.push(target)
    if (this.refusal === 'silent') return void client.on('end', () => client.destroy())
    const status = this.refusal ?? (this.#isAllowed(request) ? 200 : 407)
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const colon = target.lastIndexOf(':')
    const server = connect(Number(target.slice(colon + 1)), target.slice(0, colon), () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(server).pipe(client)
    })
    server.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    const expected = `Basic ${Buffer.from(this.credentials).toString('base64')}`
    return this.credentials === '' || headers['proxy-authorization'] === expected
  }
}
