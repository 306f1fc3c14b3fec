import {
  POINT_POLICY_DEFAULT,
  pointsMaxOf,
  pointsToDelete,
  type RetainedPoint,
} from '@landfall/model'
import { sql, type Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { readPolicies } from './policies.ts'

/** Room for points that are being made while the staging area merges older ones. */
const ROOM_FOR_NEW = 4

/**
 * The points that something uses or is about to use, of these servers: a launch that chose one (its
 * job has not ended, or its instance stands on it), an export that has or awaits its pin, a
 * verification. Whoever chooses a point records it with the server's row locked; who reads this
 * with the row locked therefore misses none. The staging area, which holds the pins, decides.
 */
export async function readHeldPoints(
  db: Kysely<Schema>,
  sourceServerIDs: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ point_id: string }>`
    select coalesce(job_steps.result, job_steps.plan) ->> 'pointID' as point_id
      from job_steps
      join jobs on jobs.job_id = job_steps.job_id
      left join instances on instances.job_id = job_steps.job_id
        and instances.source_server_id = job_steps.source_server_id
      where job_steps.source_server_id = any(${sourceServerIDs})
        and job_steps.step = 'SNAPSHOT'
        and (jobs.status <> 'COMPLETED' or instances.state <> 'TERMINATED')
    union
    select point_id from pins where source_server_id = any(${sourceServerIDs})
    union
    select command ->> 'pointID' from staging_commands
      where finished_at is null
        and command ->> 'type' in ('PIN_POINT', 'CONVERT')
        and command ->> 'sourceServerID' = any(${sourceServerIDs})
    union
    select command ->> 'pointID' from agent_commands
      where finished_at is null
        and command ->> 'type' = 'VERIFY'
        and source_server_id = any(${sourceServerIDs})`.execute(db)
  return new Set(rows.map((row) => row.point_id))
}

/**
 * The points of each server that its policy no longer keeps, oldest first; servers without any are
 * left out. `held` are those in use.
 */
export async function readOutdatedPoints(
  db: Kysely<Schema>,
  sourceServerIDs: readonly string[],
  { held, now }: { readonly held: ReadonlySet<string>; readonly now: Date },
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (sourceServerIDs.length === 0) return new Map()
  const rows = await db
    .selectFrom('points')
    .innerJoin('source_servers', 'source_servers.source_server_id', 'points.source_server_id')
    .select([
      'points.source_server_id as server',
      'point_id',
      'requested_at',
      'reason',
      'delete_not_before',
      sql<number>`jsonb_array_length(source_servers.properties -> 'disks')`.as('disk_count'),
    ])
    .where('points.source_server_id', 'in', sourceServerIDs)
    .where('points.state', '=', 'AVAILABLE')
    .orderBy('points.seq')
    .execute()
  const policies = await readPolicies(db, sourceServerIDs)
  const outdated = new Map<string, readonly string[]>()
  for (const [server, ofServer] of Map.groupBy(rows, (row) => row.server)) {
    const points = ofServer.map((row): RetainedPoint => ({
      id: row.point_id,
      madeAt: row.requested_at,
      // It may have been asked for.
      reason: row.reason ?? 'ON_DEMAND',
      // Where a deletion was refused, something uses the point that we do not know of.
      isHeld: held.has(row.point_id) || (row.delete_not_before ?? now) > now,
    }))
    const policy = policies.get(server) ?? POINT_POLICY_DEFAULT
    const pointsMax = pointsMaxOf(ofServer[0]?.disk_count ?? 0) - ROOM_FOR_NEW
    const ids = pointsToDelete(points, policy, pointsMax)
    if (ids.length > 0) outdated.set(server, ids)
  }
  return outdated
}
