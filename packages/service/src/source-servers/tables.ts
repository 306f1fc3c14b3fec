import type {
  AgentReplicationReport,
  AgentRuntimeConfiguration,
  DataReplicationError,
  LifecycleState,
  Mismatch,
  SourceProperties,
} from '@landfall/model'
import type { ColumnType, Generated, Selectable } from 'kysely'
import type { LaunchConfiguration, ReplicationConfiguration } from '../configurations/settings.ts'
import type { JsonColumn } from '../json-column.ts'

/** Whether data should flow, as the operator wants it. */
export type DesiredReplication = AgentRuntimeConfiguration['desired']

/** What happened since replication was last initiated; moments are ISO 8601 in UTC. */
export interface Initiation {
  readonly startedAt?: string
  /** The CREATE_VOLUMES command this initiation waits for. */
  readonly volumesCommandID?: string
  readonly volumesCreatedAt?: string
  /** Why the last attempt to create volumes failed; gone once one succeeds. */
  readonly volumesError?: string
  readonly nextAttemptAt?: string
  /** The agent was told where to send its data. */
  readonly pairedAt?: string
  readonly connectedAt?: string
  /** The first report that said data flows. */
  readonly dataAt?: string
}

/** `lastTest` and `lastCutover`, as the API shows them. */
export interface LaunchHistory {
  readonly initiated?: { readonly apiCallDateTime: string; readonly jobID: string }
  readonly reverted?: { readonly apiCallDateTime: string }
  readonly finalized?: { readonly apiCallDateTime: string }
}

/** By which connector, and with which credentials, the server is acted on. */
export interface ConnectorAction {
  readonly credentialsSecretArn?: string
  readonly connectorArn?: string
}

export interface SourceServersTable {
  source_server_id: string
  /** Order of registration: what pages are cut by. */
  seq: Generated<number>
  /** Null before an agent is installed. */
  machine_identity: string | null
  /** ARN of who registered the agent last: only they are issued its certificate. */
  registered_by: string
  state: LifecycleState
  is_archived: Generated<boolean>
  user_provided_id: string | null
  /** As an import gave it; else what the agent found is shown. */
  fqdn_for_action_framework: string | null
  tags: JsonColumn<Record<string, string>>
  agent_version: string | null
  properties: JsonColumn<SourceProperties>
  properties_updated_at: Date
  added_at: Date
  last_seen_at: Date | null
  first_byte_at: Date | null
  last_test: JsonColumn<LaunchHistory>
  last_cutover: JsonColumn<LaunchHistory>
  desired: DesiredReplication
  initiation: JsonColumn<Initiation>
  /** The staging area's own trouble with the server. */
  staging_error: JsonColumn<DataReplicationError> | null
  report: JsonColumn<AgentReplicationReport> | null
  reported_at: Date | null
  /** Replication time of earlier spans, and when the present span began. */
  replicated_ms: Generated<number>
  replicating_since: Date | null
  replicator_id: string | null
  replication_configuration: JsonColumn<ReplicationConfiguration>
  launch_configuration: JsonColumn<LaunchConfiguration>
  /** The instance of the last launch that has neither been terminated nor left behind. */
  instance_id: string | null
  application_id: string | null
  /** What was last told of its replication. */
  is_stalled: Generated<boolean>
  /** It was READY_FOR_TEST once, which was told. */
  was_ready: Generated<boolean>
  connector_action: JsonColumn<ConnectorAction> | null
  /** Null: the default. */
  scrub_bytes_per_second: Generated<number | null>
  /** All there ever were; the table keeps the newest of them. */
  mismatches_found: Generated<number>
  mismatched_bytes: Generated<number>
  /** How it is called in lists: by its host's name, or what the import had for one. */
  list_name: ColumnType<string, never, never>
  /** Its ID, names and tags, in lower case. */
  search_text: ColumnType<string, never, never>
}

export interface MismatchesTable {
  mismatch_id: string
  seq: Generated<number>
  source_server_id: string
  found_by: Mismatch['foundBy']
  found_at: Date
  device_name: string
  first_offset: number
  different_bytes: number
  point_id: string | null
}

export type SourceServerRow = Selectable<SourceServersTable>

export interface SourceServerTables {
  source_servers: SourceServersTable
  mismatches: MismatchesTable
}
