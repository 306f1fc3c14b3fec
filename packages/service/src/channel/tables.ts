import type { AgentCommand, ChannelResult, CommandResult, StagingCommand } from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { JsonColumn } from '../json-column.ts'

interface CommandTable<Command, Outcome> {
  command_id: string
  seq: Generated<number>
  /** What asked for it: the same key never makes a second command. */
  key: string
  command: JsonColumn<Command>
  created_at: ColumnType<Date, Date, never>
  delivered_at: Date | null
  finished_at: Date | null
  outcome: JsonColumn<Outcome> | null
}

export interface AgentCommandsTable extends CommandTable<AgentCommand, CommandResult['outcome']> {
  source_server_id: string
}

/** How a staging command ended; `result` is what `StagingResults` promises for its type. */
export type StagingOutcome = ChannelResult['outcome']

export interface StagingCommandsTable extends CommandTable<StagingCommand, StagingOutcome> {
  /** Not handed out earlier: the pause between attempts. */
  not_before: Date
  /** Which replication server took it. */
  replication_server_id: string | null
}

export interface ReplicationServersTable {
  replication_server_id: string
  last_seen_at: Date
}

export type AgentCommandRow = Selectable<AgentCommandsTable>
export type StagingCommandRow = Selectable<StagingCommandsTable>

export interface ChannelTables {
  agent_commands: AgentCommandsTable
  staging_commands: StagingCommandsTable
  replication_servers: ReplicationServersTable
}
