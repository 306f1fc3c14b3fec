import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

export interface AuditEventsTable {
  /** The order in which calls began. */
  seq: Generated<number>
  /** Of the call, as its answer and the log have it. */
  request_id: string
  at: ColumnType<Date, Date, never>
  /** ARN of who called. */
  caller: string
  /** From where: an IP address. */
  address: string
  user_agent: string | null
  /** As policies name it: `mgn:StartTest`. */
  action: string
  /** What was asked for; what is sensitive is masked. */
  input: JsonColumn<unknown>
  /** `OK`, or the code of the refusal or failure. Null: the service ended before it knew. */
  result: string | null
  /** What the caller was told. */
  message: string | null
}

export type AuditEventRow = Selectable<AuditEventsTable>

export interface AuditTables {
  audit_events: AuditEventsTable
}
