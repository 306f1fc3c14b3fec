import { connectNbd, type NbdClient, type NbdConnectOptions } from './nbd-client.ts'

/**
 * QEMU's NBD server is at work on no more than 16 requests of a connection (`MAX_NBD_REQUESTS`),
 * which leaves a fast disk idle between small writes.
 */
const CONNECTIONS = 4

/**
 * One export over several connections, as many as the server allows; to be used like one
 * `NbdClient` but for this: all end when one of them does.
 */
export class NbdConnections implements AsyncDisposable {
  /** When one is gone, and the others are closed: the reason, or undefined after `close`. */
  readonly closed: Promise<Error | undefined>
  readonly #clients: readonly NbdClient[]
  readonly #first: NbdClient

  private constructor(first: NbdClient, others: readonly NbdClient[]) {
    this.#first = first
    this.#clients = [first, ...others]
    this.closed = this.#endTogether()
  }

  /** Throws `NbdConnectionError`. */
  static async open(options: NbdConnectOptions): Promise<NbdConnections> {
    const first = await connectNbd(options)
    // Only then does a flush speak for what was written over another connection.
    const count = first.canHaveMore ? CONNECTIONS - 1 : 0
    const others = await Promise.allSettled(
      Array.from({ length: count }, () => connectNbd(options)),
    )
    const open = others.flatMap((other) => (other.status === 'fulfilled' ? [other.value] : []))
    return new NbdConnections(first, open)
  }

  get sizeBytes(): number {
    return this.#first.sizeBytes
  }

  read(...request: Parameters<NbdClient['read']>): Promise<void> {
    return this.#leastBusy().read(...request)
  }

  write(...request: Parameters<NbdClient['write']>): Promise<void> {
    return this.#leastBusy().write(...request)
  }

  writeAll(...request: Parameters<NbdClient['writeAll']>): Promise<void> {
    return this.#leastBusy().writeAll(...request)
  }

  writeZeroes(...request: Parameters<NbdClient['writeZeroes']>): Promise<void> {
    return this.#leastBusy().writeZeroes(...request)
  }

  flush(): Promise<void> {
    return this.#leastBusy().flush()
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #leastBusy(): NbdClient {
    return this.#clients.reduce((best, other) =>
      other.openRequests < best.openRequests ? other : best,
    )
  }

  async #endTogether(): Promise<Error | undefined> {
    const reason = await Promise.race(this.#clients.map((client) => client.closed))
    void this.close()
    return reason
  }
}
