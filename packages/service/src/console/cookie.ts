import type { FastifyRequest } from 'fastify'
import { SESSION_MS_MAX } from './console-sessions.ts'

/** Of RFC 6265bis: a browser takes it only over TLS, for this host and all of its paths. */
const NAME = '__Host-landfall'

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** The token of the session, as the browser gives it back. */
export function tokenOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim())
  const found = cookies.find((one) => one.startsWith(`${NAME}=`))
  return found?.slice(NAME.length + 1) || undefined
}

export function sessionCookie(token: string): string {
  return `${NAME}=${token}; Max-Age=${SESSION_MS_MAX / 1000}; ${ATTRIBUTES}`
}

export function noCookie(): string {
  return `${NAME}=; Max-Age=0; ${ATTRIBUTES}`
}
