import type { ColumnType, Generated, Selectable } from 'kysely'

export interface RehearsalSettingsTable {
  source_server_id: string
  every_hours: number
}

/** What came of it; null while it runs. */
export type RehearsalVerdict = 'BOOTED' | 'FAILED'

export interface RehearsalsTable {
  job_id: string
  source_server_id: string
  seq: Generated<number>
  started_at: ColumnType<Date, Date, never>
  ended_at: Date | null
  verdict: RehearsalVerdict | null
  /** Of one that failed: why, a sentence. */
  detail: string | null
  /** What the rehearsal launched, and removed again; its screen and console are kept. */
  instance_id: string | null
  point_id: string | null
  point_taken_at: Date | null
  /** From the launch to the report of the first boot. */
  booted_seconds: number | null
}

export type RehearsalRow = Selectable<RehearsalsTable>

export interface RehearsalTables {
  rehearsal_settings: RehearsalSettingsTable
  rehearsals: RehearsalsTable
}
