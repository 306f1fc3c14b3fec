import { recommendInstanceType } from '@landfall/launch'
import { arnOf, type SourceProperties } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { isoDuration } from '../durations.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { Timing } from '../timing.ts'
import { viewReplications } from './records.ts'
import type { DataReplicationInfo } from './replication-view.ts'
import type { SourceServerRow } from './tables.ts'

export interface ViewOptions {
  readonly account: { readonly region: string; readonly accountID: string }
  readonly now: Date
  readonly timing: Timing
}

/**
 * MGN's SourceServer for each row, in their order. Fields that clients read unguarded are always
 * there.
 */
export async function viewSourceServers(
  db: Kysely<Schema>,
  rows: readonly SourceServerRow[],
  options: ViewOptions,
): Promise<object[]> {
  const infos = await viewReplications(db, rows, options.now, options.timing)
  return await viewWithReplications(db, rows, infos, options)
}

/** The same, for who has the replications at hand. */
export async function viewWithReplications(
  db: Kysely<Schema>,
  rows: readonly SourceServerRow[],
  infos: readonly DataReplicationInfo[],
  options: Omit<ViewOptions, 'timing'>,
): Promise<object[]> {
  const instances = await readInstances(db, rows)
  return rows.map((row, index) => ({
    sourceServerID: row.source_server_id,
    arn: arnOf('sourceServer', row.source_server_id, options.account),
    isArchived: row.is_archived,
    tags: row.tags,
    ...launchedInstance(instances.get(row.instance_id ?? '')),
    dataReplicationInfo: infos[index] satisfies DataReplicationInfo | undefined,
    lifeCycle: viewLifeCycle(row, options.now),
    sourceProperties: viewProperties(row.properties, row.properties_updated_at),
    replicationType: 'AGENT_BASED',
    ...(row.user_provided_id !== null && { userProvidedID: row.user_provided_id }),
    ...(row.application_id !== null && { applicationID: row.application_id }),
    ...(row.connector_action !== null && { connectorAction: row.connector_action }),
    fqdnForActionFramework:
      row.fqdn_for_action_framework ?? row.properties.identificationHints.fqdn,
  }))
}

export async function viewSourceServer(
  db: Kysely<Schema>,
  row: SourceServerRow,
  options: ViewOptions,
): Promise<object> {
  const [view] = await viewSourceServers(db, [row], options)
  if (view === undefined) throw new Error('one row gives one view')
  return view
}

async function readInstances(
  db: Kysely<Schema>,
  rows: readonly SourceServerRow[],
): Promise<Map<string, InstanceRow>> {
  const ids = rows.flatMap((row) => row.instance_id ?? [])
  if (ids.length === 0) return new Map()
  const instances = await db
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', 'in', ids)
    .execute()
  return new Map(instances.map((instance) => [instance.instance_id, instance]))
}

function launchedInstance(instance: InstanceRow | undefined) {
  if (instance === undefined) return {}
  const { instance_id: ec2InstanceID, job_id: jobID, first_boot: firstBoot } = instance
  return { launchedInstance: { ec2InstanceID, jobID, firstBoot } }
}

function viewLifeCycle(row: SourceServerRow, now: Date) {
  const sinceMs = row.replicating_since ? now.getTime() - row.replicating_since.getTime() : 0
  return {
    state: row.state,
    addedToServiceDateTime: row.added_at.toISOString(),
    ...(row.first_byte_at && {
      firstByteDateTime: row.first_byte_at.toISOString(),
      elapsedReplicationDuration: isoDuration(row.replicated_ms + sinceMs),
    }),
    ...(row.last_seen_at && { lastSeenByServiceDateTime: row.last_seen_at.toISOString() }),
    lastTest: row.last_test,
    lastCutover: row.last_cutover,
  }
}

function viewProperties(properties: SourceProperties, updatedAt: Date) {
  const { networkInterfaces, disks, cpus, ramBytes, os, identificationHints } = properties
  const lastUpdatedDateTime = updatedAt.toISOString()
  // Before an agent looked, nothing is known but what the import said.
  if (disks.length === 0) return { lastUpdatedDateTime, identificationHints }
  return {
    lastUpdatedDateTime,
    recommendedInstanceType: recommendedType(properties),
    identificationHints,
    networkInterfaces: networkInterfaces.map(({ macAddress, ips, isPrimary }) => ({
      macAddress,
      ips,
      isPrimary,
    })),
    disks: disks.map(({ deviceName, bytes }) => ({ deviceName, bytes })),
    cpus,
    ramBytes,
    os,
  }
}

/** Right sizing (BASIC) for the source: its cores of all sockets and its memory. */
export function recommendedType(properties: SourceProperties): string {
  const { ramBytes } = properties
  return recommendInstanceType({ cpus: coresOf(properties), ramBytes }).name
}

export function coresOf({ cpus }: SourceProperties): number {
  return cpus.reduce((sum, { cores }) => sum + cores, 0)
}
