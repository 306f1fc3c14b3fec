import type { AuditTables } from './audit/tables.ts'
import type { BucketTables } from './buckets/tables.ts'
import type { ChannelTables } from './channel/tables.ts'
import type { ConfigurationTables } from './configurations/tables.ts'
import type { ConsoleTables } from './console/tables.ts'
import type { DiskKeyTables } from './disk-keys/tables.ts'
import type { Ec2Tables } from './ec2/tables.ts'
import type { EventTables } from './events/tables.ts'
import type { ImageTables } from './images/tables.ts'
import type { ImportExportTables } from './import-export/tables.ts'
import type { InstanceTables } from './instances/tables.ts'
import type { InventoryTables } from './inventory/tables.ts'
import type { NetworkTables } from './networks/tables.ts'
import type { JobTables } from './jobs/tables.ts'
import type { PointTables } from './points/tables.ts'
import type { PostLaunchActionTables } from './post-launch-actions/tables.ts'
import type { PreflightTables } from './preflight/tables.ts'
import type { RehearsalTables } from './rehearsals/tables.ts'
import type { ReplicationHistoryTables } from './replication-history/tables.ts'
import type { SourceServerTables } from './source-servers/tables.ts'
import type { SsmTables } from './ssm/tables.ts'

/** The tables of source servers, jobs, points and what belongs to them. */
export type LifecycleTables = SourceServerTables &
  ConfigurationTables &
  ChannelTables &
  ConsoleTables &
  DiskKeyTables &
  RehearsalTables &
  ReplicationHistoryTables &
  PointTables &
  JobTables &
  InstanceTables &
  InventoryTables &
  NetworkTables &
  ImageTables &
  ImportExportTables &
  Ec2Tables &
  AuditTables &
  BucketTables &
  EventTables &
  SsmTables &
  PostLaunchActionTables &
  PreflightTables
