import type { InstanceDescription } from '@landfall/launch'
import type { InstanceView } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import { hindranceOf, openJobsOf } from '../jobs/open-jobs.ts'
import { instanceRefusals } from './refusals.ts'
import type { InstanceRow } from './tables.ts'

/** What lists and pages show of each instance, in the order of the rows. */
export async function viewInstances(
  { db, provider }: Pick<Dependencies, 'db' | 'provider'>,
  rows: readonly InstanceRow[],
): Promise<InstanceView[]> {
  const serverIDs = [...new Set(rows.map((row) => row.source_server_id))]
  const names = await namesOf(db, serverIDs)
  const hindrances = await hindrancesOf(db, serverIDs)
  const seen = await Promise.all(rows.map((row) => describe(provider, row)))
  return rows.map((row, index) => {
    const { state, detail } = seen[index] ?? { state: 'terminated' }
    const sourceServerName = names.get(row.source_server_id)
    return {
      instanceID: row.instance_id,
      sourceServerID: row.source_server_id,
      // One that was deleted has none.
      ...(sourceServerName !== undefined && { sourceServerName }),
      jobID: row.job_id,
      purpose: row.purpose,
      state,
      ...(detail !== undefined && { detail }),
      firstBoot: row.first_boot,
      ...(row.first_booted_at && { firstBootDateTime: row.first_booted_at.toISOString() }),
      ...(row.hostname !== null && { hostname: row.hostname }),
      ...(row.instance_type !== null && { instanceType: row.instance_type }),
      createdDateTime: row.created_at.toISOString(),
      ...(row.point_taken_at && { pointTakenDateTime: row.point_taken_at.toISOString() }),
      terminationProtection: row.is_protected,
      refusals: instanceRefusals(row, state, hindrances.get(row.source_server_id)),
    }
  })
}

/** What terminations have to wait for, by server. */
async function hindrancesOf(db: Kysely<Schema>, serverIDs: readonly string[]) {
  const jobs = await openJobsOf(db, serverIDs)
  const hindrances = new Map<string, string | undefined>()
  for (const id of serverIDs) {
    const open = () => Promise.resolve(jobs.get(id) ?? [])
    hindrances.set(id, await hindranceOf('TerminateTargetInstances', open))
  }
  return hindrances
}

/** What exists is described by who runs it; what does not exist yet, or any more, by us. */
async function describe(
  provider: Dependencies['provider'],
  { instance_id: id, state }: InstanceRow,
): Promise<InstanceDescription> {
  if (state === 'PENDING') return { state: 'pending' }
  if (state === 'TERMINATED') return { state: 'terminated' }
  return await provider.describe(id)
}

async function namesOf(
  db: Kysely<Schema>,
  serverIDs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (serverIDs.length === 0) return new Map()
  const rows = await db
    .selectFrom('source_servers')
    .select(['source_server_id', 'list_name'])
    .where('source_server_id', 'in', serverIDs)
    .execute()
  return new Map(rows.map((row) => [row.source_server_id, row.list_name]))
}
