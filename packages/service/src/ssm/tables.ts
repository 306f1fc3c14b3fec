import type { InstanceFacts, InstanceStepResult, InvocationStatus } from '@landfall/model'
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

/** Instances whose agent has asked for commands. */
export interface SsmInstancesTable {
  instance_id: string
  seq: Generated<number>
  registered_at: ColumnType<Date, Date, never>
  last_ping_at: Date
  facts: JsonColumn<InstanceFacts>
  /** When its agent was told to remove itself. */
  agent_removed_at: ColumnType<Date | null, Date | null | undefined, Date>
}

export interface CommandTarget {
  readonly Key?: string
  readonly Values?: readonly string[]
}

export interface SsmCommandsTable {
  /** A UUID, as SSM's are. */
  command_id: string
  seq: Generated<number>
  document_name: string
  document_version: string
  comment: string | null
  /** As they were given, and the scripts that they were put into: both may hold secrets. */
  sealed_parameters: Buffer
  sealed_steps: Buffer
  step_names: JsonColumn<readonly string[]>
  instance_ids: JsonColumn<readonly string[]>
  targets: JsonColumn<readonly CommandTarget[]>
  timeout_seconds: number
  /** A number, or a percentage of the instances. */
  max_concurrency: string
  max_errors: string
  requested_at: ColumnType<Date, Date, never>
  deliver_by: Date
  /** When it must have ended wherever it was delivered. */
  expires_at: Date
}

export type SsmCommandRow = Selectable<SsmCommandsTable>

/** One command on one instance. */
export interface SsmInvocationsTable {
  command_id: string
  instance_id: string
  seq: Generated<number>
  /** Its tag Name when the command was sent. */
  instance_name: string | null
  status: InvocationStatus
  status_details: string
  /** When it was delivered. */
  started_at: Date | null
  ended_at: Date | null
  /** Why it ended so, where the steps do not say it. */
  trace: string | null
  steps: JsonColumn<readonly InstanceStepResult[]>
}

export type SsmInvocationRow = Selectable<SsmInvocationsTable>

export interface SsmTables {
  ssm_parameters: SsmParametersTable
  ssm_documents: SsmDocumentsTable
  ssm_document_versions: SsmDocumentVersionsTable
  ssm_instances: SsmInstancesTable
  ssm_commands: SsmCommandsTable
  ssm_invocations: SsmInvocationsTable
}
