import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TLSSocket } from 'node:tls'
import { LandfallError } from '@landfall/model'
import { audited, isMutating } from '../audit/audit-log.ts'
import type { CallContext, Caller } from './operation.ts'
import {
  authenticateCertificate,
  authenticateSignature,
  type Authenticator,
  type Principal,
} from './principal.ts'
import { RequestError } from './failure.ts'
import type { ReceivedRequest, SigningScope } from './signature.ts'

/** What every protocol needs of the service. */
export interface ServiceContext extends Authenticator {
  readonly log: (message: string) => void
  /** Aborts when the service stops. */
  readonly stopping: AbortSignal
}

/** The request as it was signed. */
export function receivedRequest(request: FastifyRequest): ReceivedRequest {
  const { body } = request
  return {
    method: request.method,
    url: request.raw.url ?? '/',
    headers: request.headers,
    body: body instanceof Uint8Array ? body : new Uint8Array(),
  }
}

/** Who calls: by signature when there is one, else by client certificate. */
export async function authenticate(
  service: ServiceContext,
  request: FastifyRequest,
  scope: SigningScope,
): Promise<Principal> {
  if (request.headers.authorization === undefined) {
    const principal = authenticateCertificate(request.raw.socket as TLSSocket, service.account)
    if (principal !== undefined) return principal
  }
  return await authenticateSignature(service, receivedRequest(request), scope)
}

/** The JSON object in the body; an empty body is an empty object. */
export function parseJsonBody(body: Uint8Array): Record<string, unknown> {
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // Told below, like a body that is JSON and no object.
  }
  throw new RequestError('cannotParse', 'The body of the request is not a JSON object in UTF-8.')
}

/** An operator may name the account; this service has one. */
export function checkAccount(input: { readonly accountID?: unknown }, accountID: string): void {
  const { accountID: named } = input
  if (typeof named !== 'string' || named === accountID) return
  throw new LandfallError(
    'access_denied',
    `Account ${named} is not managed by this service. Leave accountID out, or give ${accountID}.`,
  )
}

/** The call as operations see it. */
export function callContext(
  service: ServiceContext,
  caller: Caller,
  reply: FastifyReply,
): CallContext {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort(new Error('The client has gone')))
  return {
    ...service.account,
    caller,
    signal: AbortSignal.any([service.stopping, gone.signal]),
    now: service.now,
  }
}

/** From where it came; an IPv4 address as one, also where it came to a socket of both families. */
export function addressOf({ ip }: FastifyRequest): string {
  return ip.replace(/^::ffff:/, '')
}

/** Runs a call, and keeps it in the audit log when it would change something. */
export async function audit<T>(
  service: ServiceContext,
  call: {
    readonly request: FastifyRequest
    readonly principal: Principal
    readonly service: string
    readonly operation: string
    /** Without secrets. */
    readonly input: unknown
  },
  run: () => Promise<T>,
): Promise<T> {
  if (!isMutating(call.operation)) return await run()
  const { request, principal } = call
  const event = {
    requestID: request.id,
    caller: principal.arn,
    address: addressOf(request),
    userAgent: request.headers['user-agent'],
    action: `${call.service}:${call.operation}`,
    input: call.input,
    now: service.now(),
  }
  return await audited(service.db, event, run)
}
