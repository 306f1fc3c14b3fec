import { sql } from 'kysely'
import { z } from 'zod'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { readPage } from '../pages.ts'
import { validated } from '../valid-input.ts'
import { OK } from './audit-log.ts'
import type { AuditEventRow } from './tables.ts'

const schema = z.object({
  maxResults: z.number().int().min(1).max(1000).optional(),
  nextToken: z.string().max(2048).optional(),
  /** Only calls of this action, e.g. `mgn:StartTest`. */
  action: z.string().max(200).optional(),
  /** Only calls of this caller: an ARN, or the name that one ends with. */
  caller: z.string().max(2048).optional(),
  /** Only calls from this moment on. */
  from: z.iso.datetime().optional(),
  /** Only calls before this moment. */
  until: z.iso.datetime().optional(),
  /** Only calls that were done, or only others. */
  isDone: z.boolean().optional(),
  newestFirst: z.boolean().default(false),
})

/** The calls that would change something, in the order in which they began, or the other way. */
export function auditOperations({ db }: OperationDependencies): OperationGroup {
  return {
    landfall: {
      ListAuditEvents: validated(schema, async (input) => {
        const { action, caller, from, until, isDone } = input
        let query = db.selectFrom('audit_events').selectAll()
        if (action !== undefined) query = query.where('action', '=', action)
        if (caller !== undefined) query = query.where(isCalled(caller))
        if (from !== undefined) query = query.where('at', '>=', new Date(from))
        if (until !== undefined) query = query.where('at', '<', new Date(until))
        if (isDone !== undefined) {
          query = query.where(sql<boolean>`(result is not distinct from ${OK}) = ${isDone}`)
        }
        const page = await readPage(query, input, input)
        return { ...page, items: page.items.map(viewEvent) }
      }),
    },
  }
}

function isCalled(caller: string) {
  const ending = `%/${caller.replaceAll(/[\\%_]/g, String.raw`\$&`)}`
  return sql<boolean>`(caller = ${caller} or caller like ${ending})`
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
