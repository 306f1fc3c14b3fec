import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { XMLParser } from 'fast-xml-parser'
import type { Credentials } from '../installation/credentials.ts'
import { type Answer, exchange } from './exchange.ts'
import { serviceError } from './service-error.ts'

export interface ServiceClientOptions {
  /** The service is spoken to over loopback: the command line runs beside it. */
  readonly port: number
  readonly region: string
  readonly credentials: Pick<Credentials, 'accessKeyId' | 'secretAccessKey'>
  readonly caCertificatePem: string
}

const HOST = '127.0.0.1'

/** Longer than any answer takes: the longest (PinPoint) waits for the staging area. */
const REQUEST_TIMEOUT_MS = 120_000

/**
 * An operator's client of the service: requests signed with AWS's own library, errors as
 * LandfallError with the service's sentence. The caller names the type of each answer.
 */
export class ServiceClient {
  readonly #options: ServiceClientOptions

  constructor(options: ServiceClientOptions) {
    this.#options = options
  }

  /** An operation of the MGN API whose path is `/{name}`: all that the command line uses. */
  async mgn<T extends object>(name: string, input: object, signal?: AbortSignal): Promise<T> {
    return await this.#json<T>(`/${name}`, input, signal)
  }

  /** One of Landfall's own operations. */
  async landfall<T extends object>(name: string, input: object, signal?: AbortSignal): Promise<T> {
    return await this.#json<T>(`/landfall/${name}`, input, signal)
  }

  /** An action of the IAM API: its `…Result` element, text only. */
  async iam<T extends object>(action: string, parameters: Record<string, string>): Promise<T> {
    const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters })
    const answer = await this.#send('iam', '/', body.toString(), {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    })
    const parsed = new XMLParser({ parseTagValue: false }).parse(answer.body) as Record<
      string,
      Record<string, T> | undefined
    >
    return parsed[`${action}Response`]?.[`${action}Result`] ?? ({} as T)
  }

  /** An operation of the SSM API. */
  async ssm<T extends object>(name: string, input: object, signal?: AbortSignal): Promise<T> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonSSM.${name}`,
    }
    const answer = await this.#send('ssm', '/', JSON.stringify(input), headers, signal)
    return JSON.parse(answer.body) as T
  }

  async #json<T>(path: string, input: object, signal?: AbortSignal): Promise<T> {
    const headers = { 'content-type': 'application/json' }
    const answer = await this.#send('mgn', path, JSON.stringify(input), headers, signal)
    return (answer.body === '' ? {} : JSON.parse(answer.body)) as T
  }

  async #send(
    service: 'mgn' | 'iam' | 'ssm',
    path: string,
    body: string,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { port, region, credentials, caCertificatePem } = this.#options
    const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
    const signed = await signer.sign(
      new HttpRequest({
        method: 'POST',
        protocol: 'https:',
        hostname: HOST,
        port,
        path,
        headers: { ...headers, host: `${HOST}:${port}` },
        body,
      }),
    )
    const answer = await exchange({
      host: HOST,
      port,
      method: 'POST',
      path,
      headers: signed.headers,
      body,
      caCertificatePem,
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    })
    if (answer.status >= 300) throw serviceError(answer)
    return answer
  }
}
