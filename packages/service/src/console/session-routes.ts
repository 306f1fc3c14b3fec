import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audited } from '../audit/audit-log.ts'
import { addressOf, parseJsonBody, receivedRequest, type ServiceContext } from '../http/call.ts'
import { RequestError } from '../http/failure.ts'
import { closeConsoleSession, openConsoleSession, type SignedIn } from './console-sessions.ts'
import { noCookie, sessionCookie, tokenOf } from './cookie.ts'
import { FailureLimit } from './failure-limit.ts'
import { permittedActions } from './permissions.ts'
import { requireSameOrigin } from './same-origin.ts'
import { credentialsSchema, nameOf, signIn, type SignInCredentials } from './sign-in.ts'
import { principalOf, signedIn } from './signed-in.ts'

/**
 * Routes `/console/session`: POST signs in, GET tells who is signed in and which of `actions` they
 * may do, DELETE signs out.
 */
export function routeSessions(
  server: FastifyInstance,
  service: ServiceContext,
  actions: readonly string[],
): void {
  const { db, secretBox, account } = service
  const limit = new FailureLimit()
  const view = async (signed: SignedIn) => {
    const principal = await principalOf(service, signed)
    return {
      userName: signed.user.user_name,
      arn: principal.arn,
      ...account,
      expiresAt: signed.expiresAt.toISOString(),
      permitted: permittedActions(principal, actions),
    }
  }

  server.get('/console/session', async (request) => {
    requireSameOrigin(request)
    return await view(await signedIn(service, request))
  })

  server.post('/console/session', async (request, reply) => {
    requireSameOrigin(request)
    const now = service.now()
    const credentials = readCredentials(request)
    const { user, accessKeyId } = await audited(db, signInEvent(request, credentials, now), () =>
      signIn(
        { db, secretBox, region: account.region, limit },
        { credentials, address: addressOf(request), now },
      ),
    )
    const found = { user, ...(accessKeyId !== undefined && { accessKeyId }) }
    const { token, expiresAt } = await openConsoleSession(db, { ...found, now })
    reply.header('set-cookie', sessionCookie(token))
    return await view({ ...found, expiresAt })
  })

  server.delete('/console/session', async (request, reply) => {
    requireSameOrigin(request)
    const token = tokenOf(request)
    if (token !== undefined) await closeConsoleSession(db, token)
    return reply.code(204).header('set-cookie', noCookie()).send()
  })
}

function readCredentials(request: FastifyRequest): SignInCredentials {
  const given = credentialsSchema.safeParse(parseJsonBody(receivedRequest(request).body))
  if (given.success) return given.data
  const message = 'Give accessKeyId and secretAccessKey, or userName and password.'
  throw new RequestError('other', message)
}

function signInEvent(request: FastifyRequest, credentials: SignInCredentials, now: Date) {
  return {
    requestID: request.id,
    caller: nameOf(credentials),
    address: addressOf(request),
    userAgent: request.headers['user-agent'],
    action: 'console:SignIn',
    input: null,
    now,
  }
}
