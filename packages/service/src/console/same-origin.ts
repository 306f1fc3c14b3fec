import type { FastifyRequest } from 'fastify'
import { LandfallError } from '@landfall/model'

/** A page of another origin cannot send it without asking first, and nobody answers that. */
export const CONSOLE_HEADER = 'x-landfall-console'

/**
 * Throws `access_denied` unless the console's own pages made the request: a browser sends the
 * cookie along with whatever any page makes it ask, and says truly which page that was.
 */
export function requireSameOrigin({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  if (headers[CONSOLE_HEADER] !== undefined && (site === undefined || site === 'same-origin')) {
    return
  }
  const message = `This is for the console's own pages: header ${CONSOLE_HEADER}, same origin.`
  throw new LandfallError('access_denied', message)
}
