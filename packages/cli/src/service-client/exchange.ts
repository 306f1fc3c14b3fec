import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { LandfallError } from '@landfall/model'

export interface Exchange {
  readonly host: string
  readonly port: number
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly caCertificatePem: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/**
 * One HTTPS request and its whole answer. The certificate must be signed by the given authority.
 * No connection, or none in time: `unavailable`.
 */
export async function exchange(options: Exchange): Promise<Answer> {
  const { host, port, method, path, headers, caCertificatePem, timeoutMs } = options
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const outgoing = request({
        host,
        port,
        method,
        path,
        headers,
        ca: caCertificatePem,
        agent: false, // One connection per request: the program must be able to end at once.
        signal,
      })
      outgoing.on('error', reject)
      outgoing.on('response', (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        )
      })
      outgoing.end(options.body)
    })
  } catch (cause) {
    options.signal?.throwIfAborted()
    throw new LandfallError('unavailable', unavailableText(options, deadline, cause), { cause })
  }
}

function unavailableText(options: Exchange, deadline: AbortSignal, cause: unknown): string {
  const where = `https://${options.host}:${options.port}`
  if (deadline.aborted) {
    return `The service at ${where} did not answer ${options.path} within ${options.timeoutMs} ms.`
  }
  if ((cause as NodeJS.ErrnoException).code === 'ECONNREFUSED') {
    return `Nothing listens at ${where}: start it with \`landfall up\`.`
  }
  return `The service at ${where} cannot be reached.`
}
