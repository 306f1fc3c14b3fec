import { Agent, request } from 'node:https'
import { LandfallError } from '@landfall/model'

/** Beyond the time the service may wait before it answers. */
const ANSWER_MS_MAX = 15_000

/** Commands for two hundred servers with fifty disks each are far smaller. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

export interface ServiceClientOptions {
  /** `https://host:port` */
  readonly endpoint: string
  readonly tls: { readonly keyPem: string; readonly certificatePem: string; readonly caPem: string }
}

export interface CallOptions {
  readonly signal: AbortSignal
  /** How long the service may hold the call. */
  readonly waitSeconds?: number
}

/** Calls the service's actions with the replication server's certificate. */
export class ServiceClient {
  readonly #endpoint: string
  readonly #agent: Agent

  constructor(options: ServiceClientOptions) {
    const { keyPem, certificatePem, caPem } = options.tls
    this.#endpoint = options.endpoint
    this.#agent = new Agent({ keepAlive: true, key: keyPem, cert: certificatePem, ca: caPem })
  }

  /** `POST /<action>`, JSON both ways. Rejects when the answer is not a success. */
  async call(action: string, body: object, options: CallOptions): Promise<unknown> {
    const timeoutMs = ANSWER_MS_MAX + (options.waitSeconds ?? 0) * 1000
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)])
    const { status, text } = await this.#post(`/${action}`, JSON.stringify(body), signal)
    if (status >= 200 && status < 300) return text === '' ? {} : (JSON.parse(text) as unknown)
    throw new LandfallError('unavailable', `The service answered ${status} to ${action}: ${text}`)
  }

  close(): void {
    this.#agent.destroy()
  }

  #post(
    path: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const url = new URL(path, this.#endpoint)
    const call = request(url, { method: 'POST', agent: this.#agent, headers, signal })
    call.on('error', reject)
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > ANSWER_BYTES_MAX) call.destroy(new Error(`An answer of ${bytes} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
    })
    call.end(body)
    return promise
  }
}
