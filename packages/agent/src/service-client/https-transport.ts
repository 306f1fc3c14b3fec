import { Agent, request } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ServiceCallError, transportFailure } from './transport-failure.ts'

/** Largest answer taken: the agent's own answers are a few KiB. */
const ANSWER_BYTES_MAX = 1024 * 1024

export interface TransportOptions {
  readonly endpoint: URL
  /** Trusted authorities, PEM; absent: the public ones that come with Node. */
  readonly caPem?: string
  readonly clientCertificate?: { readonly keyPem: string; readonly certificatePem: string }
  /**
   * An HTTP proxy, asked with CONNECT, with its user name and password in it: it sees neither the
   * requests nor the certificates. One that speaks TLS itself is verified against the public
   * authorities. Absent: the endpoint is reached directly.
   */
  readonly proxy?: URL
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface TransportAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A way to the service. */
export interface Transport {
  /**
   * Sends one request and returns the answer, whatever its status. Throws a ServiceCallError when
   * there is none, or the signal's reason when it was aborted.
   */
  send(request: TransportRequest): Promise<TransportAnswer>
  close(): void
}

/** HTTPS to one endpoint over connections that are kept. */
export class HttpsTransport implements Transport {
  readonly endpoint: URL
  readonly proxy: URL | undefined
  readonly #agent: Agent

  constructor(options: TransportOptions) {
    this.endpoint = options.endpoint
    this.proxy = options.proxy
    this.#agent = new Agent({
      keepAlive: true,
      // A long poll, a report and a second of slack.
      maxSockets: 4,
      // Which hosts go through it was decided already: no_proxy is not passed on.
      ...(options.proxy && { proxyEnv: { https_proxy: options.proxy.href } }),
      ...(options.caPem === undefined ? {} : { ca: options.caPem }),
      ...(options.clientCertificate && {
        key: options.clientCertificate.keyPem,
        cert: options.clientCertificate.certificatePem,
      }),
    })
  }

  async send(options: TransportRequest): Promise<TransportAnswer> {
    const deadline = AbortSignal.timeout(options.timeoutMs)
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
    try {
      const answer = await this.#open(options, signal)
      return {
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: await readBody(answer),
      }
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof ServiceCallError) throw error
      throw transportFailure(deadline.aborted ? timedOut(error) : error, this)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #open(options: TransportRequest, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(options.path, this.endpoint), {
        method: options.method,
        headers: { ...options.headers, 'content-length': Buffer.byteLength(options.body ?? '') },
        agent: this.#agent,
        signal,
        // Else a proxy that never answers CONNECT would keep its connection for ever.
        timeout: options.timeoutMs,
      })
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(options.body)
    })
  }
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > ANSWER_BYTES_MAX) throw new Error(`answer larger than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function timedOut(cause: unknown): Error {
  return Object.assign(new Error('no answer in time', { cause }), { code: 'ETIMEDOUT' })
}
