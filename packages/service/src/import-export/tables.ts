import type { ColumnType, Generated, Selectable } from 'kysely'
import type { GroupKind } from '../inventory/tables.ts'
import type { JsonColumn } from '../json-column.ts'
import type { Cells } from './row-content.ts'

/** PENDING: waits for its turn. */
export type TaskStatus = 'PENDING' | 'STARTED' | 'SUCCEEDED' | 'FAILED'

/** Where the file is, and what imports and exports have in common. */
interface TaskColumns {
  seq: Generated<number>
  bucket: string
  key: string
  bucket_owner: string | null
  status: TaskStatus
  tags: JsonColumn<Record<string, string>>
  created_at: ColumnType<Date, Date, never>
  ended_at: Date | null
}

export interface ImportsTable extends TaskColumns {
  import_id: string
  /** The caller's own token: a call that is repeated with it starts nothing more. */
  client_token: string | null
  /** ARN of who started it. */
  created_by: string
  /** Rows that are not blank; null until the whole file was read and found right. */
  rows_total: number | null
  rows_done: Generated<number>
  /** The last row that was carried out: one is, or is not, together with this. */
  row_cursor: Generated<number>
}

/** The rows of an import that is under way. */
export interface ImportRowsTable {
  import_id: string
  row_number: number
  cells: JsonColumn<Cells>
  /** What the row is about: IDs of what is there already, else names. */
  server: string | null
  application: string | null
  wave: string | null
}

export interface ImportErrorsTable {
  seq: Generated<number>
  import_id: string
  at: Date
  error_type: 'VALIDATION_ERROR' | 'PROCESSING_ERROR'
  row_number: number | null
  raw_error: string
}

export interface ImportChangesTable {
  import_id: string
  /** Of the source server, application or wave. */
  resource_id: string
  kind: 'server' | GroupKind
  change: 'created' | 'modified'
}

export interface ExportsTable extends TaskColumns {
  export_id: string
  servers: Generated<number>
  applications: Generated<number>
  waves: Generated<number>
  servers_total: number | null
  error: string | null
}

export type ImportRow = Selectable<ImportsTable>
export type ExportRow = Selectable<ExportsTable>

export interface ImportExportTables {
  imports: ImportsTable
  import_rows: ImportRowsTable
  import_errors: ImportErrorsTable
  import_changes: ImportChangesTable
  exports: ExportsTable
}
