import { errorCode, LandfallError } from '@landfall/model'
import type { Database } from '../database/database.ts'
import { keepable } from './keepable.ts'

/** A call that would change something. */
export interface AuditedCall {
  readonly requestID: string
  readonly caller: string
  readonly address: string
  readonly userAgent: string | undefined
  /** `mgn:StartTest`. */
  readonly action: string
  /** Without secrets. */
  readonly input: unknown
  readonly now: Date
}

/** The result of a call that was done. */
export const OK = 'OK'

/** Operations that only look begin with one of these. */
const READING = /^(Describe|List|Get|Search|Simulate|Preview)/

export function isMutating(operation: string): boolean {
  return !READING.test(operation)
}

/**
 * Runs a call and keeps who made it, and what came of it. It is written down before it is run: what
 * cannot be written down is not done, and of what a crash interrupts it is known that it began.
 */
export async function audited<T>(
  db: Database,
  call: AuditedCall,
  run: () => Promise<T>,
): Promise<T> {
  const { seq } = await db
    .insertInto('audit_events')
    .values({
      request_id: call.requestID,
      at: call.now,
      caller: call.caller,
      address: call.address,
      user_agent: String(keepable(call.userAgent ?? '')) || null,
      action: call.action,
      input: JSON.stringify(keepable(call.input ?? null)),
    })
    .returning('seq')
    .executeTakeFirstOrThrow()
  const settle = (result: string, message: string | null) =>
    db.updateTable('audit_events').set({ result, message }).where('seq', '=', seq).execute()
  try {
    const output = await run()
    await settle(OK, null)
    return output
  } catch (error) {
    // A defect's text is for the log only.
    const told = error instanceof LandfallError ? String(keepable(error.message)) : null
    await settle(errorCode(error), told)
    throw error
  }
}
