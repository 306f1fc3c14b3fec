import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

export interface EventsTable {
  /** The order in which events are delivered. */
  seq: Generated<number>
  event_id: string
  at: ColumnType<Date, Date, never>
  detail_type: string
  source_server_id: string
  detail: JsonColumn<object>
  /** When the file of events had it. */
  logged_at: Date | null
  /** When the webhook had it, or it was given up. */
  settled_at: Date | null
  attempts: Generated<number>
  next_attempt_at: Date | null
  /** Why the last attempt failed. */
  error: string | null
}

export type EventRow = Selectable<EventsTable>

/** Where events go besides the file: one row, or none. */
export interface WebhooksTable {
  account_id: string
  url: string
  /** Signs what is sent; sealed under the master key. */
  sealed_secret: Buffer
}

export interface EventTables {
  events: EventsTable
  webhooks: WebhooksTable
}
