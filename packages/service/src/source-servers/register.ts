import { createHash } from 'node:crypto'
import {
  DISKS_PER_SERVER_MAX,
  LandfallError,
  newId,
  type AgentRegistration,
  type SourceProperties,
} from '@landfall/model'
import { sql, type Transaction } from 'kysely'
import { createVolumes } from '../channel/volumes.ts'
import { createServersLaunchTemplate } from '../configurations/launch-templates.ts'
import {
  LAUNCH_TEMPLATE_DEFAULTS,
  launchConfigurationFrom,
  REPLICATION_DEFAULTS,
  type LaunchTemplateSettings,
  type ReplicationConfiguration,
  type ReplicationSettings,
} from '../configurations/settings.ts'
import type { Schema } from '../database/schema.ts'
import { changeLifecycle } from '../lifecycle/change-lifecycle.ts'
import { startReplicating } from '../lifecycle/effects.ts'
import { copyActions } from '../post-launch-actions/operations.ts'
import type { Timing } from '../timing.ts'
import type { SourceServerRow } from './tables.ts'

export interface RegisterOptions {
  readonly now: Date
  readonly timing: Timing
  /** ARN of the caller. */
  readonly registeredBy: string
}

/**
 * Takes in an agent: makes its source server, or finds the one with the same machine identity,
 * whose ID and settings stay. `conflict` for a server that has been cut over, `validation` for
 * disks that cannot be replicated.
 */
export async function registerAgent(
  trx: Transaction<Schema>,
  registration: AgentRegistration,
  options: RegisterOptions,
): Promise<SourceServerRow> {
  checkDisks(registration.sourceProperties)
  await lockIdentity(trx, registration.machineIdentity)
  const known = await trx
    .selectFrom('source_servers')
    .select('source_server_id')
    .where('machine_identity', '=', registration.machineIdentity)
    .executeTakeFirst()
  const server =
    known === undefined
      ? await insertServer(trx, registration, options)
      : await updateServer(trx, known.source_server_id, registration, options)
  if (server.desired === 'REPLICATING') await initiate(trx, server, options.now)
  return server
}

/** Two installers on one machine must not make two servers. */
async function lockIdentity(trx: Transaction<Schema>, machineIdentity: string) {
  const key = createHash('sha256').update(machineIdentity).digest().readInt32BE()
  await sql`select pg_advisory_xact_lock(${IDENTITY_LOCK}, ${key})`.execute(trx)
}

/** Keeps these locks apart from any others in the database. */
const IDENTITY_LOCK = 1_500_002

async function insertServer(
  trx: Transaction<Schema>,
  registration: AgentRegistration,
  { now, registeredBy }: RegisterOptions,
): Promise<SourceServerRow> {
  const id = newId('sourceServer')
  const { sourceProperties: properties, noReplication } = registration
  const template = await newestLaunchTemplate(trx)
  const name = registration.tags.Name ?? properties.identificationHints.hostname
  await createServersLaunchTemplate(
    trx,
    { sourceServerID: id, name, disks: properties.disks },
    template?.settings ?? LAUNCH_TEMPLATE_DEFAULTS,
    { createdBy: registeredBy, now },
  )
  if (template !== undefined) await copyActions(trx, { from: template.template_id, to: id })
  return trx
    .insertInto('source_servers')
    .values({
      source_server_id: id,
      machine_identity: registration.machineIdentity,
      registered_by: registeredBy,
      state: noReplication ? 'STOPPED' : 'NOT_READY',
      user_provided_id: registration.userProvidedID ?? null,
      tags: JSON.stringify(registration.tags),
      agent_version: registration.agentVersion,
      properties: JSON.stringify(properties),
      properties_updated_at: now,
      added_at: now,
      last_test: JSON.stringify({}),
      last_cutover: JSON.stringify({}),
      desired: 'STOPPED',
      initiation: JSON.stringify({}),
      ...(noReplication ? {} : startReplicating(now)),
      last_seen_at: now,
      ...(await newConfigurations(trx, properties, template?.settings)),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** A server's own settings, from the newest templates. */
async function newConfigurations(
  trx: Transaction<Schema>,
  properties: SourceProperties,
  template: LaunchTemplateSettings = LAUNCH_TEMPLATE_DEFAULTS,
) {
  const replication = await trx
    .selectFrom('replication_templates')
    .select('settings')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const { hostname } = properties.identificationHints
  const settings = replication?.settings ?? REPLICATION_DEFAULTS
  return {
    replication_configuration: JSON.stringify(replicationOf(settings, properties)),
    launch_configuration: JSON.stringify(launchConfigurationFrom(template, hostname)),
  }
}

function newestLaunchTemplate(trx: Transaction<Schema>) {
  return trx
    .selectFrom('launch_configuration_templates')
    .select(['template_id', 'settings'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

function replicationOf(
  settings: ReplicationSettings,
  properties: SourceProperties,
): ReplicationConfiguration {
  return {
    ...settings,
    name: properties.identificationHints.hostname,
    replicatedDisks: replicatedDisks(properties, []),
  }
}

/** The disks that are replicated, with what was set for those that were there before. */
function replicatedDisks(
  properties: SourceProperties,
  before: ReplicationConfiguration['replicatedDisks'],
): ReplicationConfiguration['replicatedDisks'] {
  return properties.disks.map(
    ({ deviceName, isBootDisk }) =>
      before.find((disk) => disk.deviceName === deviceName) ?? {
        deviceName,
        isBootDisk,
        stagingDiskType: 'AUTO',
      },
  )
}

async function updateServer(
  trx: Transaction<Schema>,
  sourceServerID: string,
  registration: AgentRegistration,
  { registeredBy, ...options }: RegisterOptions,
): Promise<SourceServerRow> {
  const event = 'AgentRegistered'
  const change = { sourceServerID, ...options }
  const { before, after: registered } = await changeLifecycle(trx, { ...change, event })
  // With a new start, the installer says whether data is to flow; else the operator has said it.
  const waits = registration.noReplication && before.state === 'DISCONNECTED'
  const { after } = waits
    ? await changeLifecycle(trx, { ...change, event: 'StopReplication' })
    : { after: registered }
  const { sourceProperties: properties } = registration
  const configuration = after.replication_configuration
  return trx
    .updateTable('source_servers')
    .set({
      registered_by: registeredBy,
      agent_version: registration.agentVersion,
      properties: JSON.stringify(properties),
      properties_updated_at: options.now,
      last_seen_at: options.now,
      tags: JSON.stringify({ ...after.tags, ...registration.tags }),
      user_provided_id: registration.userProvidedID ?? after.user_provided_id,
      replication_configuration: JSON.stringify({
        ...configuration,
        replicatedDisks: replicatedDisks(properties, configuration.replicatedDisks),
      }),
    })
    .where('source_server_id', '=', sourceServerID)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The initiation begins again, also for an agent that was reinstalled: it may have new disks. */
async function initiate(trx: Transaction<Schema>, server: SourceServerRow, now: Date) {
  await createVolumes(trx, { ...server, initiation: { startedAt: now.toISOString() } }, now)
}

function checkDisks({ disks }: SourceProperties) {
  const names = new Set(disks.map((disk) => disk.deviceName))
  if (disks.length === 0) throw badDisks('The agent found no disk to replicate')
  if (disks.length > DISKS_PER_SERVER_MAX) {
    throw badDisks(
      `The server has ${disks.length} disks; at most ${DISKS_PER_SERVER_MAX} can be replicated`,
    )
  }
  if (names.size < disks.length) throw badDisks('The agent named one disk twice')
}

function badDisks(message: string): LandfallError {
  return new LandfallError('validation', `${message}; choose them with --devices`, {
    fields: [{ name: 'sourceProperties.disks', message }],
  })
}
