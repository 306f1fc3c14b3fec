import type { ChannelTables } from './channel/tables.ts'
import type { ConfigurationTables } from './configurations/tables.ts'
import type { InstanceTables } from './instances/tables.ts'
import type { JobTables } from './jobs/tables.ts'
import type { PointTables } from './points/tables.ts'
import type { SourceServerTables } from './source-servers/tables.ts'

/** The tables of source servers, jobs, points and what belongs to them. */
export type LifecycleTables = SourceServerTables &
  ConfigurationTables &
  ChannelTables &
  PointTables &
  JobTables &
  InstanceTables
