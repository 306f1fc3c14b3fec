import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'
import type { TestNetwork } from '../networks/tables.ts'
import type { LaunchTemplateSettings, ReplicationSettings } from './settings.ts'

interface TemplateTable<Settings> {
  template_id: string
  seq: Generated<number>
  settings: JsonColumn<Settings>
  tags: JsonColumn<Record<string, string>>
  created_at: ColumnType<Date, Date, never>
}

export type ReplicationTemplatesTable = TemplateTable<ReplicationSettings>

export interface LaunchConfigurationTemplatesTable extends TemplateTable<LaunchTemplateSettings> {
  launch_template_id: string
  /** Landfall's own setting, which MGN's template has not. Null: the default. */
  test_network: Generated<TestNetwork | null>
}

export type ReplicationTemplateRow = Selectable<ReplicationTemplatesTable>
export type LaunchConfigurationTemplateRow = Selectable<LaunchConfigurationTemplatesTable>

export interface ConfigurationTables {
  replication_templates: ReplicationTemplatesTable
  launch_configuration_templates: LaunchConfigurationTemplatesTable
}
