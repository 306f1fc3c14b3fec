import { createHash, timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { getCanonicalHeaders, SignatureV4 } from '@smithy/signature-v4'
import { AuthenticationError } from './authentication-error.ts'

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query, still encoded. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

/** The claims of an Authorization header. Nothing in it is true before `checkSignature`. */
export interface Authorization {
  readonly accessKeyId: string
  readonly shortDate: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

/** How far the caller's clock may be from ours: AWS's figure. */
const CLOCK_SKEW_MINUTES = 5
const MINUTE_MS = 60_000

const ALGORITHM = 'AWS4-HMAC-SHA256'
/** Without these a signature could be moved to another host or time. */
const HEADERS_TO_SIGN = ['host', 'x-amz-date']

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

/** Reads `Authorization: AWS4-HMAC-SHA256 …`. Throws `AuthenticationError`. */
export function parseAuthorization(header: string): Authorization {
  const [algorithm, ...rest] = header.trim().split(/\s+/)
  if (algorithm !== ALGORITHM) {
    throw new AuthenticationError(
      'incomplete',
      `Authorization header must begin with ${ALGORITHM}.`,
    )
  }
  const parameters = new Map(
    rest
      .join('')
      .split(',')
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  )
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((n) => !parameters.get(n))
  if (missing.length > 0) {
    const text = missing
      .map((name) => `Authorization header requires '${name}' parameter.`)
      .join(' ')
    throw new AuthenticationError('incomplete', text)
  }
  const [accessKeyId, shortDate, region, service, terminator, ...more] = parameters
    .get('Credential')!
    .split('/')
  if (
    !accessKeyId ||
    !shortDate ||
    !region ||
    !service ||
    terminator !== 'aws4_request' ||
    more[0]
  ) {
    throw new AuthenticationError(
      'incomplete',
      'Credential must have exactly 5 slash-delimited elements: key, date, region, service, aws4_request.',
    )
  }
  return {
    accessKeyId,
    shortDate,
    region,
    service,
    signedHeaders: parameters.get('SignedHeaders')!.split(';'),
    signature: parameters.get('Signature')!,
  }
}

/** The part of the scope that the request must be signed for. */
export interface SigningScope {
  readonly regions: readonly string[]
  readonly service: string
}

/**
 * Throws `AuthenticationError` unless the owner of the secret signed exactly this request, for us
 * and within the last minutes.
 */
export async function checkSignature(
  request: ReceivedRequest,
  options: {
    authorization: Authorization
    secretAccessKey: string
    scope: SigningScope
    now: Date
  },
): Promise<void> {
  const { authorization } = options
  checkScope(authorization, options.scope)
  const signedAt = signingTime(request, authorization, options.now)
  const payloadHash = createHash('sha256').update(request.body).digest('hex')
  const claimedHash = request.headers['x-amz-content-sha256']
  if (claimedHash !== undefined && claimedHash !== payloadHash) {
    throw new AuthenticationError(
      'signature',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
  }
  const expected = await new Resigner(authorization, options.secretAccessKey).signatureOf(
    request,
    payloadHash,
    signedAt,
  )
  if (!equalInConstantTime(expected, authorization.signature)) {
    throw new AuthenticationError('signature', MISMATCH)
  }
}

function checkScope(authorization: Authorization, scope: SigningScope): void {
  if (!scope.regions.includes(authorization.region)) {
    throw new AuthenticationError(
      'signature',
      `Credential should be scoped to a valid region: '${scope.regions[0]}'.`,
    )
  }
  if (authorization.service !== scope.service) {
    throw new AuthenticationError(
      'signature',
      `Credential should be scoped to correct service: '${scope.service}'.`,
    )
  }
}

function signingTime(request: ReceivedRequest, authorization: Authorization, now: Date): Date {
  const unsigned = HEADERS_TO_SIGN.filter((name) => !authorization.signedHeaders.includes(name))
  if (unsigned.length > 0) {
    const text = unsigned.map((name) => `'${name}' must be a signed header.`).join(' ')
    throw new AuthenticationError('incomplete', text)
  }
  const text = String(request.headers['x-amz-date'] ?? '')
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  const date = new Date(parts?.slice(1).length === 6 ? isoOf(parts) : Number.NaN)
  if (Number.isNaN(date.getTime())) {
    throw new AuthenticationError(
      'incomplete',
      "Date must be in ISO-8601 'basic format' in the header X-Amz-Date.",
    )
  }
  if (!text.startsWith(authorization.shortDate)) {
    throw new AuthenticationError(
      'signature',
      'Date in Credential scope does not match YYYYMMDD from the header X-Amz-Date.',
    )
  }
  checkClock(date, now)
  return date
}

function isoOf([, year, month, day, hour, minute, second]: readonly string[]): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

function checkClock(date: Date, now: Date): void {
  const skewMs = CLOCK_SKEW_MINUTES * MINUTE_MS
  const early = new Date(now.getTime() - skewMs)
  const late = new Date(now.getTime() + skewMs)
  if (date < early) {
    throw new AuthenticationError(
      'signature',
      `Signature expired: ${basic(date)} is now earlier than ${basic(early)} ` +
        `(${basic(now)} - ${CLOCK_SKEW_MINUTES} min.)`,
    )
  }
  if (date > late) {
    throw new AuthenticationError(
      'signature',
      `Signature not yet current: ${basic(date)} is still later than ${basic(late)} ` +
        `(${basic(now)} + ${CLOCK_SKEW_MINUTES} min.)`,
    )
  }
}

function basic(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

/** AWS's own signer, given the request as the caller had it before it was signed. */
class Resigner extends SignatureV4 {
  readonly #authorization: Authorization

  constructor(authorization: Authorization, secretAccessKey: string) {
    super({
      service: authorization.service,
      region: authorization.region,
      credentials: { accessKeyId: authorization.accessKeyId, secretAccessKey },
      sha256: Sha256,
    })
    this.#authorization = authorization
  }

  async signatureOf(
    request: ReceivedRequest,
    payloadHash: string,
    signingDate: Date,
  ): Promise<string> {
    const { signedHeaders, shortDate, region, service } = this.#authorization
    const url = splitUrl(request.url)
    const headers = Object.fromEntries(
      signedHeaders.map((name) => [name, String(request.headers[name] ?? '')]),
    )
    const unsigned = new HttpRequest({ method: request.method, ...url, headers })
    const canonical = this.createCanonicalRequest(
      unsigned,
      getCanonicalHeaders(unsigned, undefined, new Set(signedHeaders)),
      payloadHash,
    )
    const text = await this.createStringToSign(
      this.formatDate(signingDate).longDate,
      `${shortDate}/${region}/${service}/aws4_request`,
      canonical,
      ALGORITHM,
    )
    return await this.sign(text, { signingDate })
  }
}

function splitUrl(url: string): { path: string; query: Record<string, string[]> } {
  const mark = url.indexOf('?')
  const query = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))) {
    query.set(name, [...(query.get(name) ?? []), value])
  }
  return { path: mark < 0 ? url : url.slice(0, mark), query: Object.fromEntries(query) }
}

function equalInConstantTime(left: string, right: string): boolean {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}
