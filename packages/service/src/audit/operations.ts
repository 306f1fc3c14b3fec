import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { readPage } from '../pages.ts'
import { validated } from '../valid-input.ts'
import type { AuditEventRow } from './tables.ts'

const schema = z.object({
  maxResults: z.number().int().min(1).max(1000).optional(),
  nextToken: z.string().max(2048).optional(),
  /** Only calls of this action, e.g. `mgn:StartTest`. */
  action: z.string().max(200).optional(),
  /** Only calls of this caller. */
  caller: z.string().max(2048).optional(),
  /** Only calls from this moment on. */
  from: z.iso.datetime().optional(),
})

/** The calls that would change something, in the order in which they began. */
export function auditOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      ListAuditEvents: validated(schema, async ({ action, caller, from, ...request }) => {
        let query = db.selectFrom('audit_events').selectAll()
        if (action !== undefined) query = query.where('action', '=', action)
        if (caller !== undefined) query = query.where('caller', '=', caller)
        if (from !== undefined) query = query.where('at', '>=', new Date(from))
        const page = await readPage(query, request)
        return { ...page, items: page.items.map(viewEvent) }
      }),
    },
  }
}

function viewEvent(row: AuditEventRow): object {
  return {
    requestID: row.request_id,
    at: row.at.toISOString(),
    caller: row.caller,
    address: row.address,
    ...(row.user_agent !== null && { userAgent: row.user_agent }),
    action: row.action,
    input: row.input,
    result: row.result ?? 'UNKNOWN',
    ...(row.message !== null && { message: row.message }),
  }
}
