import type { DataReplicationState } from '@landfall/model'
import type { Selectable } from 'kysely'

/** How a server's data replication was at one moment, by the service's clock. */
export interface ReplicationSamplesTable {
  source_server_id: string
  at: Date
  state: DataReplicationState
  /** How far a launch then would have been behind; null: there was no point. */
  lag_seconds: number | null
  backlog_bytes: number
  /** Sent since the agent started: less than in the sample before when it was started anew. */
  wire_bytes: number
}

export type ReplicationSampleRow = Selectable<ReplicationSamplesTable>

export interface ReplicationHistoryTables {
  replication_samples: ReplicationSamplesTable
}
