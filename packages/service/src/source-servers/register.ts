import { createHash } from 'node:crypto'
import {
  DISKS_PER_SERVER_MAX,
  LandfallError,
  type AgentRegistration,
  type SourceProperties,
} from '@landfall/model'
import { sql, type Transaction } from 'kysely'
import { createVolumes } from '../channel/volumes.ts'
import { addDisksToLaunchTemplate } from '../configurations/launch-templates.ts'
import { LAUNCH_TEMPLATE_DEFAULTS } from '../configurations/settings.ts'
import type { Schema } from '../database/schema.ts'
import { changeLifecycle } from '../lifecycle/change-lifecycle.ts'
import { startReplicating } from '../lifecycle/effects.ts'
import { requireQuotas, type Quotas } from '../quotas.ts'
import type { Timing } from '../timing.ts'
import { insertSourceServer, newestLaunchTemplate, replicatedDisks } from './new-server.ts'
import type { SourceServerRow } from './tables.ts'

export interface RegisterOptions {
  readonly now: Date
  readonly timing: Timing
  readonly quotas: Quotas
  /** ARN of the caller. */
  readonly registeredBy: string
}

/**
 * Takes in an agent: makes its source server, or finds the one with the same machine identity, or
 * the imported one that waits for this user-provided ID. ID and settings of those stay. `conflict`
 * for a server that has been cut over, `validation` for disks that cannot be replicated,
 * `quota_exceeded` without room for one more.
 */
export async function registerAgent(
  trx: Transaction<Schema>,
  registration: AgentRegistration,
  options: RegisterOptions,
): Promise<SourceServerRow> {
  checkDisks(registration.sourceProperties)
  await lockIdentity(trx, registration.machineIdentity)
  const known = await findServer(trx, registration)
  const server =
    known === undefined
      ? await insertServer(trx, registration, options)
      : await updateServer(trx, known.source_server_id, registration, options)
  if (server.desired === 'REPLICATING') await initiate(trx, server, options.now)
  // A reinstalled agent's server takes no more room than before.
  if (server.desired !== known?.desired || server.is_archived !== known.is_archived) {
    await requireQuotas(trx, options.quotas)
  }
  return server
}

/** The machine's own server, else the one that was imported for it. */
async function findServer(
  trx: Transaction<Schema>,
  { machineIdentity, userProvidedID }: AgentRegistration,
): Promise<SourceServerRow | undefined> {
  const servers = trx.selectFrom('source_servers').selectAll()
  const own = await servers.where('machine_identity', '=', machineIdentity).executeTakeFirst()
  if (own !== undefined || userProvidedID === undefined) return own
  return (
    servers
      .where('user_provided_id', '=', userProvidedID)
      .where('state', '=', 'PENDING_INSTALLATION')
      .orderBy('seq')
      .limit(1)
      // Of two machines with one ID the second does not see it, and is a server of its own.
      .forUpdate()
      .executeTakeFirst()
  )
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
  const { sourceProperties, noReplication, tags, userProvidedID = null } = registration
  return insertSourceServer(
    trx,
    sourceProperties,
    { createdBy: registeredBy, now },
    {
      machine_identity: registration.machineIdentity,
      agent_version: registration.agentVersion,
      state: noReplication ? 'STOPPED' : 'NOT_READY',
      user_provided_id: userProvidedID,
      tags,
      ...(noReplication ? {} : startReplicating(now)),
      last_seen_at: now,
    },
  )
}

async function updateServer(
  trx: Transaction<Schema>,
  sourceServerID: string,
  registration: AgentRegistration,
  options: RegisterOptions,
): Promise<SourceServerRow> {
  const event = 'AgentRegistered'
  const change = { sourceServerID, ...options }
  const { before, after: registered } = await changeLifecycle(trx, { ...change, event })
  if (before.machine_identity === null) await addDisks(trx, registration, change)
  // With a new start, the installer says whether data is to flow; else the operator has said it.
  const isNewStart = before.state === 'DISCONNECTED' || before.state === 'PENDING_INSTALLATION'
  const waits = registration.noReplication && isNewStart
  const { after } = waits
    ? await changeLifecycle(trx, { ...change, event: 'StopReplication' })
    : { after: registered }
  const { sourceProperties: properties } = registration
  const configuration = after.replication_configuration
  return trx
    .updateTable('source_servers')
    .set({
      machine_identity: registration.machineIdentity,
      registered_by: options.registeredBy,
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

/** Its launch template was made before anybody knew its disks. */
async function addDisks(
  trx: Transaction<Schema>,
  { sourceProperties }: AgentRegistration,
  { sourceServerID, registeredBy, now }: RegisterOptions & { readonly sourceServerID: string },
) {
  const template = await newestLaunchTemplate(trx)
  await addDisksToLaunchTemplate(
    trx,
    { sourceServerID, disks: sourceProperties.disks },
    template?.settings ?? LAUNCH_TEMPLATE_DEFAULTS,
    { createdBy: registeredBy, now },
  )
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
