import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

/** A wave holds applications, an application holds source servers. */
export type GroupKind = 'application' | 'wave'

export interface GroupsTable {
  group_id: string
  /** Order of creation: what pages are cut by. */
  seq: Generated<number>
  kind: ColumnType<GroupKind, GroupKind, never>
  /** No two of a kind have one name: rows of an import are matched by it. */
  name: string
  description: string | null
  is_archived: Generated<boolean>
  tags: JsonColumn<Record<string, string>>
  /** The wave of an application. */
  wave_id: string | null
  created_at: ColumnType<Date, Date, never>
  modified_at: Date
}

export type GroupRow = Selectable<GroupsTable>

export interface ConnectorsTable {
  connector_id: string
  seq: Generated<number>
  name: string
  /** The host that the connector runs on, as SSM names it. */
  ssm_instance_id: string
  ssm_command_config: JsonColumn<object> | null
  tags: JsonColumn<Record<string, string>>
}

export type ConnectorRow = Selectable<ConnectorsTable>

export interface InventoryTables {
  groups: GroupsTable
  connectors: ConnectorsTable
}
