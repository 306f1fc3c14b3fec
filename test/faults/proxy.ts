import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { PROXY_SOURCE } from './packet-filter.ts'

/** What becomes of bytes on their way to the server; undefined resets the connection both ways. */
export type Tamper = (chunk: Buffer) => readonly Buffer[] | undefined

/** A TCP proxy on loopback before the replication server, which harms what passes. */
export class Proxy implements AsyncDisposable {
  /** Connections it has reset. */
  resets = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(targetPort: number, tamperOf: () => Tamper) {
    this.#server = createServer((from) => this.#join(from, targetPort, tamperOf()))
  }

  /** `tamperOf` is asked for each new connection. */
  static async start(targetPort: number, tamperOf: () => Tamper): Promise<Proxy> {
    const proxy = new Proxy(targetPort, tamperOf)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(from: Socket, port: number, tamper: Tamper): void {
    const to = connect({ host: '127.0.0.1', port, localAddress: PROXY_SOURCE })
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    to.pipe(from)
    from.on('data', (chunk: Buffer) => {
      const instead = tamper(chunk)
      if (instead === undefined) {
        this.resets += 1
        from.resetAndDestroy()
        to.resetAndDestroy()
        return
      }
      for (const bytes of instead) if (!to.write(bytes)) from.pause()
    })
    to.on('drain', () => from.resume())
  }
}
