/**
 * Tells of which past moment the replica durably holds everything. What was dirty at a moment is
 * durable once every extent that was in flight then was written, and a flush that began after that
 * has ended.
 */
export class DurableMoment {
  #nextTicket = 0
  /** In the order of their beginning. */
  readonly #inFlight = new Set<number>()
  #candidate: { readonly ticket: number; readonly atMs: number } | undefined
  /** The flush under way is about every extent before this one. */
  #flushedBefore = 0

  /** An extent is taken into flight; its ticket. */
  begin(): number {
    const ticket = this.#nextTicket++
    this.#inFlight.add(ticket)
    return ticket
  }

  /** The extent was written; or it did not arrive, and is dirty again. */
  end(ticket: number, how: { readonly isWritten: boolean }): void {
    this.#inFlight.delete(ticket)
    if (!how.isWritten) this.forget()
  }

  /** Something is dirty, or in flight, that no ticket tells of. */
  forget(): void {
    this.#candidate = undefined
  }

  /** `isAllInFlight`: nothing but a few blocks was dirty and not taken. */
  flushBegins(nowMs: number, how: { readonly isAllInFlight: boolean }): void {
    const [oldest = this.#nextTicket] = this.#inFlight
    this.#flushedBefore = oldest
    if (how.isAllInFlight) this.#candidate ??= { ticket: this.#nextTicket, atMs: nowMs }
  }

  /** The moment that has become durable by this flush, if a later one than before has. */
  flushEnds(): number | undefined {
    if (this.#candidate === undefined || this.#candidate.ticket > this.#flushedBefore) return
    const { atMs } = this.#candidate
    this.#candidate = undefined
    return atMs
  }
}
