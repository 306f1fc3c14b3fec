import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

export interface SsmParametersTable {
  name: string
  seq: Generated<number>
  type: 'String' | 'StringList' | 'SecureString'
  /** Null for a SecureString. */
  value: string | null
  /** A SecureString's, under the master key. */
  sealed_value: Buffer | null
  description: string | null
  tier: string
  /** From 1, one more with each change; earlier values are not kept. */
  version: number
  tags: JsonColumn<Record<string, string>>
  modified_at: Date
  /** ARN of who changed it last. */
  modified_by: string
}

export type SsmParameterRow = Selectable<SsmParametersTable>

export interface SsmDocumentsTable {
  name: string
  seq: Generated<number>
  default_version: number
  latest_version: number
  tags: JsonColumn<Record<string, string>>
}

export interface SsmDocumentVersionsTable {
  document_name: string
  /** From 1. */
  version: number
  version_name: string | null
  display_name: string | null
  target_type: string | null
  /** As it was given. */
  content: string
  created_at: ColumnType<Date, Date, never>
}

export type SsmDocumentRow = Selectable<SsmDocumentsTable>
export type SsmDocumentVersionRow = Selectable<SsmDocumentVersionsTable>

export interface SsmTables {
  ssm_parameters: SsmParametersTable
  ssm_documents: SsmDocumentsTable
  ssm_document_versions: SsmDocumentVersionsTable
}
