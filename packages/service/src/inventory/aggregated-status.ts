import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import {
  REPLICATION_COLUMNS,
  viewReplications,
  type ReplicationRow,
} from '../source-servers/records.ts'
import type { DataReplicationInfo } from '../source-servers/replication-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'
import type { GroupRow } from './tables.ts'

export type HealthStatus = 'HEALTHY' | 'LAGGING' | 'ERROR'
export type ProgressStatus = 'NOT_STARTED' | 'IN_PROGRESS' | 'COMPLETED'

/** What the source servers of a group come to. */
export interface AggregatedStatus {
  /** The worst of its servers; HEALTHY without any. */
  readonly healthStatus: HealthStatus
  readonly progressStatus: ProgressStatus
  /** When the first of its servers sent its first byte. */
  readonly replicationStartedAt: Date | undefined
  readonly totalSourceServers: number
  readonly totalApplications: number
}

type MemberRow = ReplicationRow &
  Pick<SourceServerRow, 'application_id' | 'first_byte_at' | 'state' | 'is_archived'>

/** One server, as far as its groups are concerned. */
interface Member {
  readonly server: MemberRow
  readonly info: DataReplicationInfo
}

/** The status of each group, by its ID. */
export async function readAggregatedStatuses(
  db: Kysely<Schema>,
  groups: readonly GroupRow[],
  { now, timing }: { readonly now: Date; readonly timing: Timing },
): Promise<ReadonlyMap<string, AggregatedStatus>> {
  const applications = await readApplications(db, groups)
  const members = await readMembers(db, applications, now, timing)
  const ofSelf = Map.groupBy(applications, (one) => one.group_id)
  const ofWaves = Map.groupBy(applications, (one) => one.wave_id)
  return new Map(
    groups.map(({ group_id: id, kind }) => {
      const own = (kind === 'wave' ? ofWaves.get(id) : ofSelf.get(id)) ?? []
      const servers = own.flatMap((one) => members.get(one.group_id) ?? [])
      return [id, aggregate(servers, own.length)]
    }),
  )
}

type Application = Pick<GroupRow, 'group_id' | 'wave_id'>

/** The groups that are applications, and those in the groups that are waves. */
async function readApplications(
  db: Kysely<Schema>,
  groups: readonly GroupRow[],
): Promise<readonly Application[]> {
  const ids = groups.map((group) => group.group_id)
  if (ids.length === 0) return []
  return await db
    .selectFrom('groups')
    .select(['group_id', 'wave_id'])
    .where('kind', '=', 'application')
    .where((where) => where.or([where('group_id', 'in', ids), where('wave_id', 'in', ids)]))
    .execute()
}

/** Whose servers are read at once: what else the service does comes in between. */
const APPLICATIONS_AT_ONCE = 10

async function readMembers(
  db: Kysely<Schema>,
  applications: readonly Application[],
  now: Date,
  timing: Timing,
): Promise<ReadonlyMap<string, readonly Member[]>> {
  const ids = applications.map((one) => one.group_id)
  const members: Member[] = []
  for (let from = 0; from < ids.length; from += APPLICATIONS_AT_ONCE) {
    const servers = await db
      .selectFrom('source_servers')
      .select([...REPLICATION_COLUMNS, 'application_id', 'first_byte_at', 'state', 'is_archived'])
      .where('application_id', 'in', ids.slice(from, from + APPLICATIONS_AT_ONCE))
      .execute()
    const infos = await viewReplications(db, servers, now, timing)
    for (const [index, server] of servers.entries()) {
      const info = infos[index]
      if (info !== undefined) members.push({ server, info })
    }
  }
  return Map.groupBy(members, ({ server }) => server.application_id ?? '')
}

function aggregate(members: readonly Member[], totalApplications: number): AggregatedStatus {
  const started = members.flatMap(({ server }) => server.first_byte_at ?? [])
  return {
    healthStatus: healthOf(members.map(({ info }) => info)),
    progressStatus: progressOf(members.map(({ server }) => server)),
    replicationStartedAt: started.toSorted((a, b) => a.getTime() - b.getTime())[0],
    totalSourceServers: members.length,
    totalApplications,
  }
}

/** STALLED and every data replication error is an ERROR; data that is on its way is LAGGING. */
function healthOf(infos: readonly DataReplicationInfo[]): HealthStatus {
  const isError = infos.some(
    (info) => info.dataReplicationState === 'STALLED' || info.dataReplicationError !== undefined,
  )
  if (isError) return 'ERROR'
  const lags = infos.some(
    ({ dataReplicationState: state }) => state === 'BACKLOG' || state === 'RESCAN',
  )
  return lags ? 'LAGGING' : 'HEALTHY'
}

/** COMPLETED once every server is cut over or archived, NOT_STARTED while none sent a byte. */
function progressOf(servers: readonly MemberRow[]): ProgressStatus {
  if (servers.every((server) => server.first_byte_at === null)) return 'NOT_STARTED'
  const isDone = servers.every((server) => server.state === 'CUTOVER' || server.is_archived)
  return isDone ? 'COMPLETED' : 'IN_PROGRESS'
}
