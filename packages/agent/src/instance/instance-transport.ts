import type {
  Transport,
  TransportAnswer,
  TransportRequest,
} from '../service-client/https-transport.ts'
import type { ChannelTransport } from './channel-transport.ts'

/**
 * An instance's ways to the service: its channel, which needs no network and cannot be lost with
 * one, and HTTPS where the provider gives no channel or nobody answers there.
 */
export class InstanceTransport implements Transport {
  readonly #channel: ChannelTransport
  readonly #https: Transport
  readonly #log: (message: string) => void
  #way = ''

  constructor(options: {
    readonly channel: ChannelTransport
    readonly https: Transport
    readonly log: (message: string) => void
  }) {
    this.#channel = options.channel
    this.#https = options.https
    this.#log = options.log
  }

  async send(request: TransportRequest): Promise<TransportAnswer> {
    const isChannel = await this.#channel.answers()
    request.signal?.throwIfAborted()
    const way = isChannel ? 'its virtio-serial port' : 'HTTPS'
    if (way !== this.#way) this.#log(`The service is called by ${way}`)
    this.#way = way
    return await (isChannel ? this.#channel : this.#https).send(request)
  }

  close(): void {
    this.#channel.close()
    this.#https.close()
  }
}
