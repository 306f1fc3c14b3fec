import type { FastifyRequest } from 'fastify'
import { AuthenticationError } from '../http/authentication-error.ts'
import type { ServiceContext } from '../http/call.ts'
import { type Principal, userPrincipal } from '../http/principal.ts'
import { findConsoleSession, type SignedIn } from './console-sessions.ts'
import { tokenOf } from './cookie.ts'

/** In the place of a key's ID, for whoever signed in with a password. */
const BY_PASSWORD = 'password'

/** Whose session the request's cookie is. Throws `AuthenticationError`. */
export async function signedIn(
  service: ServiceContext,
  request: Pick<FastifyRequest, 'headers'>,
): Promise<SignedIn> {
  const token = tokenOf(request)
  if (token === undefined) throw new AuthenticationError('missing', 'Sign in.')
  const found = await findConsoleSession(service.db, token, service.now())
  if (found !== undefined) return found
  throw new AuthenticationError('expired', 'The session has ended. Sign in again.')
}

/** What they may do, which is what their user may: policies that changed meanwhile count. */
export function principalOf({ db, account }: ServiceContext, signed: SignedIn): Promise<Principal> {
  const { user, accessKeyId = BY_PASSWORD } = signed
  return userPrincipal(db, account, { user, accessKeyId, isTemporary: false, limits: [] })
}
