import { DATA_REPLICATION_STATES } from '@landfall/model'
import { inBatches } from '../database/batches.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Metric } from '../http/metrics.ts'
import { readReplicationFacts, REPLICATION_COLUMNS, type ReplicationRow } from './records.ts'
import {
  replicationLagSeconds,
  viewReplication,
  type DataReplicationInfo,
  type ReplicationFacts,
} from './replication-view.ts'
import type { SourceServerRow } from './tables.ts'

/** Rates that are older say nothing about now; agents report every few seconds. */
const STAGES_AGE_MS_MAX = 60_000

type MetricsRow = ReplicationRow &
  Pick<SourceServerRow, 'seq' | 'mismatches_found' | 'mismatched_bytes'>

interface ServerFacts {
  readonly row: MetricsRow
  readonly facts: ReplicationFacts
  readonly info: DataReplicationInfo
  readonly points: number
  readonly now: Date
}

type Samples = Metric['samples']

/** What a monitoring system is told of every source server that is not archived, in batches. */
export async function* collectMetrics(
  world: Pick<Dependencies, 'db' | 'now' | 'timing'>,
): AsyncGenerator<Metric[]> {
  const { db } = world
  const read = (after: number, limit: number) =>
    db
      .selectFrom('source_servers')
      .select([...REPLICATION_COLUMNS, 'seq', 'mismatches_found', 'mismatched_bytes'])
      .where('is_archived', '=', false)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute()
  for await (const rows of inBatches<MetricsRow>(read)) yield await metricsOf(world, rows)
}

async function metricsOf(
  { db, now: clock, timing }: Parameters<typeof collectMetrics>[0],
  rows: readonly MetricsRow[],
): Promise<Metric[]> {
  const now = clock()
  const counts = await db
    .selectFrom('points')
    .select(({ fn }) => ['source_server_id', fn.countAll<number>().as('count')])
    .where('state', '=', 'AVAILABLE')
    .where(
      'source_server_id',
      'in',
      rows.map((row) => row.source_server_id),
    )
    .groupBy('source_server_id')
    .execute()
  const points = new Map(counts.map((row) => [row.source_server_id, Number(row.count)]))
  const facts = await readReplicationFacts(db, rows)
  const servers = rows.flatMap((row, index): ServerFacts[] => {
    const one = facts[index]
    if (one === undefined) return []
    const info = viewReplication(one, now, timing)
    return [{ row, facts: one, info, points: points.get(row.source_server_id) ?? 0, now }]
  })
  return METRICS.map(({ name, help, of }) => ({
    name: `landfall_${name}`,
    help,
    samples: servers.flatMap((server) =>
      of(server).map(({ labels, value }) => ({
        labels: { source_server: server.row.source_server_id, ...labels },
        value,
      })),
    ),
  }))
}

/** Units are in the names, as Prometheus wants it. docs/monitoring.md lists them. */
const METRICS: readonly {
  readonly name: string
  readonly help: string
  readonly of: (server: ServerFacts) => Samples
}[] = [
  {
    name: 'replication_state',
    help: '1 for the state the server is in, 0 for every other.',
    of: ({ info }) =>
      DATA_REPLICATION_STATES.map((state) =>
        sample(info.dataReplicationState === state ? 1 : 0, { state }),
      ),
  },
  {
    name: 'replication_error',
    help: '1 for the error the server has; absent while it has none.',
    of: ({ info: { dataReplicationError: told } }) =>
      told === undefined ? [] : [sample(1, { error: told.error })],
  },
  {
    name: 'lag_seconds',
    help: 'How far a launch now would be behind the source; absent while there is no point.',
    of: ({ facts, info, now }) => {
      const lagSeconds = replicationLagSeconds(facts, info, now)
      return lagSeconds === undefined ? [] : [sample(lagSeconds)]
    },
  },
  {
    name: 'backlog_bytes',
    help: 'Written on the source and not yet durable in the replica, over all disks.',
    of: ({ info }) => [
      sample(info.replicatedDisks.reduce((sum, disk) => sum + disk.backloggedStorageBytes, 0)),
    ],
  },
  {
    name: 'disk_total_bytes',
    help: 'Size of the disk.',
    of: ({ info }) =>
      info.replicatedDisks.map((disk) => sample(disk.totalStorageBytes, { disk: disk.deviceName })),
  },
  {
    name: 'disk_replicated_bytes',
    help: 'Of the size of the disk, what has been replicated once.',
    of: ({ info }) =>
      info.replicatedDisks.map((disk) =>
        sample(disk.replicatedStorageBytes, { disk: disk.deviceName }),
      ),
  },
  {
    name: 'unreplicated_disks',
    help: 'Disks that came after the installation of the agent, which nothing replicates.',
    of: ({ facts }) => [sample(facts.report?.unreplicatedDisks?.length ?? 0)],
  },
  {
    name: 'stage_bytes_per_second',
    help: 'What passed each stage of replication over the last seconds.',
    of: (server) =>
      freshLoads(server).map((load) => sample(load.bytesPerSecond, { stage: load.stage })),
  },
  {
    name: 'stage_utilisation_ratio',
    help: 'Share of the last seconds in which the stage was busy, 0 to 1.',
    of: (server) =>
      freshLoads(server).map((load) => sample(load.utilisation, { stage: load.stage })),
  },
  {
    name: 'scrub_verified_ratio',
    help: 'Share of the disk that the present pass of the scrub found equal, 0 to 1.',
    of: ({ facts: { report } }) =>
      (report?.scrub?.disks ?? []).map((disk) =>
        sample(disk.verifiedBytes / Math.max(disk.totalBytes, 1), { disk: disk.deviceName }),
      ),
  },
  {
    name: 'scrub_unrepaired_bytes',
    help: 'Different at the last look, sent again, and not yet found equal since.',
    of: ({ facts: { report } }) =>
      (report?.scrub?.disks ?? []).map((disk) =>
        sample(disk.unrepairedBytes, { disk: disk.deviceName }),
      ),
  },
  {
    name: 'scrub_pass_started_timestamp_seconds',
    help: 'When the last whole pass began, in Unix time: everything was compared since.',
    of: ({ facts: { report } }) => told(report?.scrub?.lastPass?.startedAt),
  },
  {
    name: 'scrub_pass_ended_timestamp_seconds',
    help: 'When the last whole pass ended, in Unix time.',
    of: ({ facts: { report } }) => told(report?.scrub?.lastPass?.endedAt),
  },
  {
    name: 'mismatches_found',
    help: 'Defects found by scrub and verifications, ever.',
    of: ({ row }) => [sample(row.mismatches_found)],
  },
  {
    name: 'mismatched_bytes',
    help: 'Bytes of these defects.',
    of: ({ row }) => [sample(row.mismatched_bytes)],
  },
  {
    name: 'points',
    help: 'Points that are kept.',
    of: ({ points }) => [sample(points)],
  },
  {
    name: 'newest_point_timestamp_seconds',
    help: 'The moment of the newest point, in Unix time.',
    of: ({ facts }) => moment(facts.points.newestTakenAt),
  },
  {
    name: 'agent_last_seen_timestamp_seconds',
    help: 'When the agent was last heard of, in Unix time.',
    of: ({ facts }) => moment(facts.lastSeenAt),
  },
]

function freshLoads({ facts: { report, reportedAt, desired }, now }: ServerFacts) {
  if (report?.stages === undefined || reportedAt === null || desired !== 'REPLICATING') return []
  return now.getTime() - reportedAt.getTime() > STAGES_AGE_MS_MAX ? [] : report.stages.loads
}

function told(at: string | undefined): Samples {
  return moment(at === undefined ? null : new Date(at))
}

function moment(at: Date | null): Samples {
  return at === null ? [] : [sample(at.getTime() / 1000)]
}

function sample(value: number, labels: Readonly<Record<string, string>> = {}): Samples[number] {
  return { labels, value }
}
