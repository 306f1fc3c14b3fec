import type { GuestFacts } from '@landfall/guest'
import type { PreflightSource } from '@landfall/model'
import type { Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/** What was last seen of each server, by each way of looking at it. */
export interface GuestFactsTable {
  source_server_id: string
  source: PreflightSource
  looked_at: Date
  /** Of a point. */
  point_id: string | null
  /** Null when it could not be looked at: `error` says why. */
  facts: JsonColumn<GuestFacts> | null
  error: string | null
}

export type GuestFactsRow = Selectable<GuestFactsTable>

export interface PreflightTables {
  guest_facts: GuestFactsTable
}
