import { DISK_BYTES_MIN } from '@landfall/model'
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Initiation, SourceServerRow } from '../source-servers/tables.ts'
import { addStagingCommand } from './staging-commands.ts'
import type { StagingOutcome } from './tables.ts'

/**
 * Asks the staging area for one volume for each disk of the server. Disks that MGN calls too small
 * have none; the agent names them as the cause of a stall. An earlier request is withdrawn: handed
 * out again after this one, it would bring back disks that were left out.
 */
export async function createVolumes(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  now: Date,
  notBefore: Date = now,
): Promise<void> {
  const sourceServerID = server.source_server_id
  const disks = server.properties.disks
    .filter((disk) => disk.bytes >= DISK_BYTES_MIN)
    .map((disk) => ({ deviceName: disk.deviceName, sizeBytes: disk.bytes }))
  await withdrawVolumes(trx, sourceServerID, 'Volumes were asked for anew', now)
  const command = await addStagingCommand(trx, {
    key: `volumes ${sourceServerID} ${randomUUID()}`,
    request: { type: 'CREATE_VOLUMES', sourceServerID, disks },
    now,
    notBefore,
  })
  await setInitiation(trx, sourceServerID, {
    ...server.initiation,
    volumesCommandID: command.command_id,
  })
}

/** Takes back every CREATE_VOLUMES of the server: what they answer counts no more. */
export async function withdrawVolumes(
  trx: Transaction<Schema>,
  sourceServerID: string,
  error: string,
  now: Date,
): Promise<void> {
  await trx
    .updateTable('staging_commands')
    .set({ finished_at: now, outcome: JSON.stringify({ ok: false, error }) })
    .where('key', 'like', `volumes ${sourceServerID} %`)
    .where('finished_at', 'is', null)
    .execute()
}

/**
 * Takes in how a CREATE_VOLUMES ended. After a failure it is tried again, with a pause, for ever.
 */
export async function volumesCreated(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  outcome: StagingOutcome,
  options: { readonly now: Date; readonly retryMs: number; readonly replicatorID: string },
): Promise<void> {
  const { now } = options
  const { volumesError: _, nextAttemptAt: __, ...initiation } = server.initiation
  if (outcome.ok) {
    await trx
      .updateTable('source_servers')
      .set({
        initiation: JSON.stringify({ ...initiation, volumesCreatedAt: now.toISOString() }),
        replicator_id: options.replicatorID,
      })
      .where('source_server_id', '=', server.source_server_id)
      .execute()
    return
  }
  const nextAttempt = new Date(now.getTime() + options.retryMs)
  const failed: Initiation = {
    ...initiation,
    volumesError: outcome.error,
    nextAttemptAt: nextAttempt.toISOString(),
  }
  await createVolumes(trx, { ...server, initiation: failed }, now, nextAttempt)
}

/** Writes what happened in the initiation of a server whose row is locked. */
export async function setInitiation(
  trx: Transaction<Schema>,
  sourceServerID: string,
  initiation: Initiation,
): Promise<void> {
  await trx
    .updateTable('source_servers')
    .set({ initiation: JSON.stringify(initiation) })
    .where('source_server_id', '=', sourceServerID)
    .execute()
}
