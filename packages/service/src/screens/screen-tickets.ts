import { createHash, randomBytes } from 'node:crypto'

/** From the answer that has it to the connection that shows it. */
export const TICKET_MS = 30_000

/** Tickets that wait to be shown; of more the oldest are forgotten. */
const TICKETS_MAX = 1000

const TICKET_BYTES = 32

interface Ticket {
  readonly instanceID: string
  readonly session: string
  readonly expiresAt: Date
}

/** What a ticket is for: one instance's screen, in the console session that asked for it. */
export interface Admission {
  readonly instanceID: string
  /** Token of the session. */
  readonly token: string
}

/**
 * Tickets that open a screen once, within seconds: a browser opens web sockets with a cookie and an
 * address alone, and an address may be seen. They are kept in memory, as they end with the service.
 */
export class ScreenTickets {
  /** By the hash of what is shown, the oldest first. */
  readonly #tickets = new Map<string, Ticket>()

  issue({ instanceID, token }: Admission, now: Date): { ticket: string; expiresAt: Date } {
    const ticket = randomBytes(TICKET_BYTES).toString('base64url')
    const expiresAt = new Date(now.getTime() + TICKET_MS)
    this.#tickets.set(hashOf(ticket), { instanceID, session: hashOf(token), expiresAt })
    for (const [oldest] of this.#tickets) {
      if (this.#tickets.size <= TICKETS_MAX) break
      this.#tickets.delete(oldest)
    }
    return { ticket, expiresAt }
  }

  /** Whether it lets this one in. It lets nobody in after that. */
  take(ticket: string, { instanceID, token }: Admission, now: Date): boolean {
    const hash = hashOf(ticket)
    const known = this.#tickets.get(hash)
    this.#tickets.delete(hash)
    return (
      known !== undefined &&
      known.expiresAt > now &&
      known.instanceID === instanceID &&
      known.session === hashOf(token)
    )
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64')
}
