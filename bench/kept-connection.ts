import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface ConnectionOptions {
  readonly endpoint: URL
  readonly caPem: string
  /** Of an agent or a replication server. */
  readonly certificate?: { readonly keyPem: string; readonly certificatePem: string }
}

/** JSON calls over connections to the service that are kept. */
export class KeptConnection implements Disposable {
  readonly endpoint: URL
  readonly #agent: Agent

  constructor({ endpoint, caPem, certificate }: ConnectionOptions) {
    this.endpoint = endpoint
    this.#agent = new Agent({
      keepAlive: true,
      ca: caPem,
      ...(certificate && { key: certificate.keyPem, cert: certificate.certificatePem }),
    })
  }

  /** The answer's body; fails with it for any status but success. */
  async call(
    path: string,
    options: {
      readonly method?: 'GET' | 'POST'
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly signal?: AbortSignal
    },
  ): Promise<string> {
    const { method = 'POST', body = '', signal } = options
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...options.headers,
    }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(new URL(path, this.endpoint), {
        method,
        headers,
        agent: this.#agent,
        ...(signal && { signal }),
      })
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(body)
    })
    const said = await text(answer)
    if (answer.statusCode === undefined || answer.statusCode >= 300) {
      throw new Error(`${path} was answered with ${answer.statusCode}: ${said}`)
    }
    return said
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
