import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Sha256 } from '@aws-crypto/sha256-js'
import { errorText, LandfallError } from '@landfall/model'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import type { BucketStore } from './bucket-store.ts'
import type { Buckets, ObjectLocation } from './buckets.ts'

/** What is signed as the hash of no body. */
const NOTHING = createHash('sha256').digest('hex')

/** An answer that tells of an error is short; a longer one is no S3's. */
const ERROR_LENGTH_MAX = 64 * 1024

/** S3 takes up to 5 GiB in one part: some hundred times an inventory of all that is allowed. */
interface Body {
  readonly file: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** Buckets of an S3-compatible store, by paths (and not by host names, which need a wildcard). */
export class S3Buckets implements Buckets {
  readonly #store: BucketStore

  constructor(store: BucketStore) {
    this.#store = store
  }

  async open(location: ObjectLocation, signal: AbortSignal): Promise<Readable> {
    const answer = await this.#send('GET', location, signal)
    if (answer.body === null) return Readable.from([])
    return Readable.fromWeb(answer.body as ReadableStream)
  }

  async put(location: ObjectLocation, content: AsyncIterable<string>, signal: AbortSignal) {
    // The store wants to know size and hash before the first byte.
    const folder = await mkdtemp(path.join(tmpdir(), 'landfall-bucket-'))
    try {
      const body = await writeBody(path.join(folder, 'body'), content)
      const answer = await this.#send('PUT', location, signal, body)
      await answer.body?.cancel()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #send(method: string, location: ObjectLocation, signal: AbortSignal, body?: Body) {
    const { url, headers } = await this.#sign(method, location, body)
    const answer = await fetch(url, {
      method,
      headers,
      // Another address would get what was signed for this one.
      redirect: 'error',
      signal,
      ...(body && { body: createReadStream(body.file), duplex: 'half' }),
    }).catch((cause: unknown) => {
      signal.throwIfAborted()
      const message = `The bucket store ${this.#store.endpoint} cannot be reached`
      throw new LandfallError('unavailable', `${message}: ${errorText(cause)}`, { cause })
    })
    if (answer.ok) return answer
    throw this.#refusal(answer.status, location, (await answer.text()).slice(0, ERROR_LENGTH_MAX))
  }

  async #sign(method: string, { bucket, key, owner }: ObjectLocation, body?: Body) {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.#store
    const url = new URL(endpoint)
    const place = [bucket, ...key.split('/')].map(encodePart).join('/')
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${place}`
    const signer = new SignatureV4({
      service: 's3',
      region,
      credentials: { accessKeyId, secretAccessKey },
      sha256: Sha256,
      // As it is: S3 does not encode a path a second time.
      uriEscapePath: false,
    })
    const { headers } = await signer.sign(
      new HttpRequest({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        headers: {
          host: url.host,
          'x-amz-content-sha256': body?.sha256 ?? NOTHING,
          ...(body && { 'content-length': String(body.sizeBytes), 'content-type': 'text/csv' }),
          ...(owner !== null && { 'x-amz-expected-bucket-owner': owner }),
        },
      }),
    )
    return { url, headers }
  }

  #refusal(status: number, { bucket, key }: ObjectLocation, text: string): LandfallError {
    const name = `${bucket}/${key}`
    const { endpoint } = this.#store
    const { code, message } = readError(text)
    const said = `${endpoint} answers ${status} ${code} for ${name}${message && `: ${message}`}`
    if (status >= 500) return new LandfallError('unavailable', said)
    if (status !== 404) return new LandfallError('validation', said)
    const resource = { resourceId: name, resourceType: 'S3Object' }
    return new LandfallError('not_found', said, { resource })
  }
}

async function writeBody(file: string, content: AsyncIterable<string>): Promise<Body> {
  const hash = createHash('sha256')
  const handle = await open(file, 'wx', 0o600)
  try {
    for await (const text of content) {
      hash.update(text)
      await handle.writeFile(text)
    }
    const { size } = await handle.stat()
    return { file, sizeBytes: size, sha256: hash.digest('hex') }
  } finally {
    await handle.close()
  }
}

/** As S3 encodes it: all but letters, digits and `-._~`. */
function encodePart(part: string): string {
  return encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const errorBody = z.object({
  Error: z.object({ Code: z.string().default(''), Message: z.string().default('') }),
})

function readError(text: string): { code: string; message: string } {
  try {
    const { Error: error } = errorBody.parse(new XMLParser().parse(text))
    return { code: error.Code, message: error.Message }
  } catch {
    // No answer of S3's: the status says what is known.
    return { code: '', message: '' }
  }
}
