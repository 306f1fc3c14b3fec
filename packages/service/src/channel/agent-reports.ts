import { isDeepStrictEqual } from 'node:util'
import {
  FLOWING_STATES,
  type AgentReplicationReport,
  type CommandResult,
  type SourceProperties,
  type VerificationReport,
} from '@landfall/model'
import type { SqlBool, Transaction } from 'kysely'
import { NOT_WAITED_FOR } from '../database/not-waited-for.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { expirePoints, newestPoint, pointFailed, requestPoint } from '../points/points.ts'
import { keepLiveFacts } from '../preflight/keep-facts.ts'
import { lockServer } from '../source-servers/records.ts'
import { describeMismatch, takeMismatches } from '../source-servers/mismatches.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'
import { requireAgent, validated } from '../valid-input.ts'
import { finishAgentCommand } from './agent-commands.ts'
import { agentKey, commandKey, pointKey } from './notifier.ts'
import { agentReplicationReport, sourcePropertiesUpdate } from './schemas.ts'

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
            const server = await lockReporter(trx, sourceServerID)
            await takeReport(trx, server, report, now)
            const ended = await takeResults(trx, report, now)
            const fresh = await takeMismatches(trx, sourceServerID, report.mismatches ?? [])
            const isAsked = await takeFirstPoint(trx, server, report, { now, timing })
            const asked = isAsked ? [agentKey(sourceServerID)] : []
            return { rings: [...ended, ...asked], mismatches: fresh }
          })
          for (const mismatch of mismatches) log(describeMismatch(sourceServerID, mismatch))
          notifier.notify(...rings)
          return {}
        },
      ),

      UpdateAgentSourcePropertiesForMgn: validated(
        sourcePropertiesUpdate,
        async ({ sourceServerID, sourceProperties, guest }, context) => {
          requireAgent(context, sourceServerID)
          if (sourceProperties !== undefined) {
            await db
              .updateTable('source_servers')
              .set({
                properties: JSON.stringify(sourceProperties),
                properties_updated_at: context.now(),
              })
              .where('source_server_id', '=', sourceServerID)
              .execute()
          }
          if (guest !== undefined) {
            const { facts, lookedAt, networkInterfaces = [] } = guest
            await db.transaction().execute(async (trx) => {
              // It may have been deleted since the certificate was made.
              const server = await lockServer(trx, sourceServerID)
              await keepLiveFacts(trx, sourceServerID, { facts, lookedAt: new Date(lookedAt) })
              await keepInterfaces(trx, server, networkInterfaces, context.now())
            })
          }
          return {}
        },
      ),
    },
  }
}

/** A look that saw no interface at all failed: without one nobody would have told of it. */
async function keepInterfaces(
  trx: Transaction<Schema>,
  { source_server_id: sourceServerID, properties }: SourceServerRow,
  networkInterfaces: SourceProperties['networkInterfaces'],
  now: Date,
): Promise<void> {
  if (networkInterfaces.length === 0) return
  if (isDeepStrictEqual(networkInterfaces, properties.networkInterfaces)) return
  await trx
    .updateTable('source_servers')
    .set({
      properties: JSON.stringify({ ...properties, networkInterfaces }),
      properties_updated_at: now,
    })
    .where('source_server_id', '=', sourceServerID)
    .execute()
}

/** What a report is held against. */
type Reporter = Pick<
  SourceServerRow,
  | 'source_server_id'
  | 'desired'
  | 'initiation'
  | 'properties'
  | 'first_byte_at'
  | 'replicating_since'
> & { readonly has_point: SqlBool }

/**
 * Locks the server that reports. Only the columns a report needs: every agent reports every two
 * seconds, and each column of JSON would be parsed each time.
 */
async function lockReporter(trx: Transaction<Schema>, id: string): Promise<Reporter> {
  const row = await trx
    .selectFrom('source_servers')
    .select(['source_server_id', 'desired', 'initiation', 'properties'])
    .select(['first_byte_at', 'replicating_since'])
    .select((column) =>
      column
        .exists(
          column
            .selectFrom('points')
            .select('point_id')
            .whereRef('points.source_server_id', '=', 'source_servers.source_server_id')
            .where('points.state', '=', 'AVAILABLE'),
        )
        .as('has_point'),
    )
    .where('source_server_id', '=', id)
    .forUpdate('source_servers')
    .executeTakeFirst()
  return found(row, 'SourceServer', id)
}

/**
 * Whether nothing in the report is told only once: then its transaction need not be on the disk
 * before it is answered, as what a power failure takes of it the agent tells again within seconds.
 */
function isToldAgain({ has_point: hasPoint }: Reporter, report: AgentReplicationReport): boolean {
  const { results, mismatches = [] } = report
  return results.length === 0 && mismatches.length === 0 && hasPoint === true
}

/** A report from before replication was ended must not bring anything back. */
async function takeReport(
  trx: Transaction<Schema>,
  server: Reporter,
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
      ...(active && FLOWING_STATES.includes(report.state) && dataFlows(server, now)),
    })
    .where('source_server_id', '=', server.source_server_id)
    .$if(isToldAgain(server, report), (update) => update.returning(NOT_WAITED_FOR))
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

function dataFlows({ initiation, ...server }: Reporter, now: Date) {
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
 * Says whether the agent is asked for one.
 */
async function takeFirstPoint(
  trx: Transaction<Schema>,
  server: Reporter,
  report: AgentReplicationReport,
  { now, timing }: { readonly now: Date; readonly timing: Timing },
): Promise<boolean> {
  if (server.has_point === true) return false
  if (server.desired !== 'REPLICATING' || report.state !== 'CONTINUOUS') return false
  const sourceServerID = server.source_server_id
  await expirePoints(trx, sourceServerID, new Date(now.getTime() - timing.pointDeadlineMs), now)
  if ((await newestPoint(trx, sourceServerID)) !== undefined) return false
  const last = await trx
    .selectFrom('points')
    .select(['state', 'requested_at'])
    .where('source_server_id', '=', sourceServerID)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const retryAt = now.getTime() - timing.pointRetryMs
  const isFailed = last?.state === 'FAILED' && last.requested_at.getTime() <= retryAt
  if (last !== undefined && !isFailed) return false
  await requestPoint(trx, { sourceServerID, now })
  return true
}
