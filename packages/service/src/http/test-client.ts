import { readFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Credentials } from '../identity/administrator.ts'
import type { TestService } from './test-service.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Record<string, unknown>
  text: string
}

export interface Call {
  method?: string
  path: string
  body?: string | Uint8Array
  headers?: Record<string, string>
  /** A client certificate. */
  tls?: { cert: string; key: string }
}

/** One request over a connection of its own, as it is, with whatever is wrong in it. */
export async function send(
  service: Pick<TestService, 'url' | 'caFile'>,
  call: Call,
): Promise<Answer> {
  const ca = await readFile(service.caFile)
  return await new Promise((resolve, reject) => {
    const request = httpsRequest(
      `${service.url}${call.path}`,
      {
        ca,
        agent: false,
        ...call.tls,
        method: call.method ?? 'POST',
        headers: call.headers ?? {},
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
            text,
          })
        })
      },
    )
    request.on('error', reject)
    request.end(call.body)
  })
}

/** The call, signed by the administrator. */
export async function signed(
  service: {
    readonly port: number
    readonly administrator: Pick<Credentials, 'accessKeyId' | 'secretAccessKey'>
  },
  call: Call,
  options: { service?: string; region?: string; date?: Date } = {},
): Promise<Call & { headers: Record<string, string> }> {
  const { accessKeyId, secretAccessKey } = service.administrator
  const signer = new SignatureV4({
    service: options.service ?? 'mgn',
    region: options.region ?? 'lf-local-1',
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  })
  const [path = '', search] = call.path.split('?')
  const request = await signer.sign(
    new HttpRequest({
      method: call.method ?? 'POST',
      path,
      query: queryOf(search),
      headers: { host: `127.0.0.1:${service.port}`, ...call.headers },
      body: call.body ?? '',
    }),
    { signingDate: options.date ?? new Date() },
  )
  return { ...call, headers: request.headers as Record<string, string> }
}

function queryOf(search: string | undefined): Record<string, string[]> {
  const query = new URLSearchParams(search)
  return Object.fromEntries([...query.keys()].map((key) => [key, query.getAll(key)]))
}
