import type {
  AgentReplicationReport,
  CommandResult,
  DataReplicationState,
  SourceProperties,
  VerificationReport,
} from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { expirePoints, newestPoint, pointFailed, requestPoint } from '../points/points.ts'
import { describeMismatch, takeMismatches } from '../source-servers/mismatches.ts'
import { lockServer } from '../source-servers/records.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'
import { requireAgent, validated } from '../valid-input.ts'
import { finishAgentCommand } from './agent-commands.ts'
import { agentKey, commandKey, pointKey } from './notifier.ts'
import { agentReplicationReport, sourcePropertiesUpdate } from './schemas.ts'

/** States in which data flows, so that the agent must be connected. */
const FLOWING: readonly DataReplicationState[] = [
  'INITIAL_SYNC',
  'BACKLOG',
  'CREATING_SNAPSHOT',
  'CONTINUOUS',
  'RESCAN',
]

/** What an agent tells: its progress, the results of its commands, the properties of its server. */
export function agentReportOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier, timing, log } = dependencies
  return {
    forMgn: {
      UpdateAgentReplicationInfoForMgn: validated(
        agentReplicationReport,
        async (report, context) => {
          const { sourceServerID } = report
          requireAgent(context, sourceServerID)
          const now = context.now()
          const { rings, mismatches } = await db.transaction().execute(async (trx) => {
            const server = await lockServer(trx, sourceServerID)
            await takeReport(trx, server, report, now)
            const ended = await takeResults(trx, report, now)
            const fresh = await takeMismatches(trx, sourceServerID, report.mismatches ?? [])
            await takeFirstPoint(trx, server, report, { now, timing })
            return { rings: ended, mismatches: fresh }
          })
          for (const mismatch of mismatches) log(describeMismatch(sourceServerID, mismatch))
          notifier.notify(...rings, agentKey(sourceServerID))
          return {}
        },
      ),

      UpdateAgentSourcePropertiesForMgn: validated(
        sourcePropertiesUpdate,
        async ({ sourceServerID, sourceProperties }, context) => {
          requireAgent(context, sourceServerID)
          await db
            .updateTable('source_servers')
            .set({
              properties: JSON.stringify(sourceProperties),
              properties_updated_at: context.now(),
            })
            .where('source_server_id', '=', sourceServerID)
            .execute()
          return {}
        },
      ),
    },
  }
}

/** A report from before replication was ended must not bring anything back. */
async function takeReport(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  report: AgentReplicationReport,
  now: Date,
) {
  const active = server.desired === 'REPLICATING' || server.desired === 'PAUSED'
  const { results: _, mismatches: __, ...kept } = report
  const properties = withSizes(server.properties, report)
  await trx
    .updateTable('source_servers')
    .set({
      last_seen_at: now,
      ...(properties !== server.properties && {
        properties: JSON.stringify(properties),
        properties_updated_at: now,
      }),
      ...(active && { report: JSON.stringify({ ...kept, results: [] }), reported_at: now }),
      ...(active && FLOWING.includes(report.state) && dataFlows(server, now)),
    })
    .where('source_server_id', '=', server.source_server_id)
    .execute()
}

/** The properties with the sizes of disks that have grown; the same ones when none has. */
function withSizes(properties: SourceProperties, report: AgentReplicationReport): SourceProperties {
  const disks = properties.disks.map((disk) => {
    const told = report.disks.find(({ deviceName }) => deviceName === disk.deviceName)
    const bytes = Math.max(disk.bytes, told?.totalStorageBytes ?? 0)
    return bytes === disk.bytes ? disk : { ...disk, bytes }
  })
  const isSame = disks.every((disk, index) => disk === properties.disks[index])
  return isSame ? properties : { ...properties, disks }
}

function dataFlows({ initiation, ...server }: SourceServerRow, now: Date) {
  const at = now.toISOString()
  const begun = { ...initiation, connectedAt: initiation.connectedAt ?? at, dataAt: at }
  return {
    ...(initiation.dataAt === undefined && { initiation: JSON.stringify(begun) }),
    first_byte_at: server.first_byte_at ?? now,
    replicating_since: server.replicating_since ?? now,
  }
}

/** Returns whom to wake. */
async function takeResults(
  trx: Transaction<Schema>,
  report: AgentReplicationReport,
  now: Date,
): Promise<string[]> {
  const rings: string[] = []
  for (const result of report.results) {
    const command = await finishAgentCommand(trx, report.sourceServerID, result, now)
    rings.push(commandKey(result.commandID))
    if (command === undefined || command.pointID === undefined) continue
    const point = { sourceServerID: report.sourceServerID, pointID: command.pointID }
    if (command.type === 'CREATE_POINT' && !result.outcome.ok) {
      await pointFailed(trx, point, result.outcome.error, now)
    }
    if (command.type === 'VERIFY' && result.outcome.ok) {
      await trx
        .updateTable('points')
        // A defect shows that an earlier proof holds no more.
        .set({ verified_at: isProof(result) ? now : null })
        .where('point_id', '=', point.pointID)
        .execute()
    }
    rings.push(pointKey(command.pointID))
  }
  return rings
}

/** The comparison ran to its end and found no difference. */
function isProof({ outcome }: CommandResult): boolean {
  if (!outcome.ok || !('disks' in outcome.result)) return false
  const { disks } = outcome.result as VerificationReport
  return disks.every((disk) => disk.differentBytes === 0)
}

/**
 * A server that has caught up and has no point yet gets its first; a failed one comes again later.
 */
async function takeFirstPoint(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  report: AgentReplicationReport,
  { now, timing }: { readonly now: Date; readonly timing: Timing },
) {
  if (server.desired !== 'REPLICATING' || report.state !== 'CONTINUOUS') return
  const sourceServerID = server.source_server_id
  await expirePoints(trx, sourceServerID, new Date(now.getTime() - timing.pointDeadlineMs), now)
  if ((await newestPoint(trx, sourceServerID)) !== undefined) return
  const last = await trx
    .selectFrom('points')
    .select(['state', 'requested_at'])
    .where('source_server_id', '=', sourceServerID)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const retryAt = now.getTime() - timing.pointRetryMs
  if (last === undefined || (last.state === 'FAILED' && last.requested_at.getTime() <= retryAt)) {
    await requestPoint(trx, { sourceServerID, now })
  }
}
