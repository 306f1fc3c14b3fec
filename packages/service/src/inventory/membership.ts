import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { changeAll } from '../lifecycle/change-all.ts'
import { serverConflict } from '../lifecycle/server-conflict.ts'
import { readServer } from '../source-servers/records.ts'
import { groupConflict, lockGroup, refuseArchived } from './groups.ts'
import type { GroupRow } from './tables.ts'

interface ServersInput {
  readonly applicationID: string
  readonly sourceServerIDs: readonly string[]
}

interface ApplicationsInput {
  readonly waveID: string
  readonly applicationIDs: readonly string[]
}

/**
 * Which application a source server is in, and which wave an application: one or none. All that
 * are named change, or none. What is already so stays so: a call may be repeated.
 */
export function membershipOperations({ db }: OperationDependencies): OperationGroup {
  const servers =
    (isToBeIn: boolean) =>
    async ({ applicationID, sourceServerIDs }: ServersInput, context: CallContext) => {
      await db.transaction().execute(async (trx) => {
        const application = await lockGroup(trx, 'application', applicationID)
        if (isToBeIn) refuseArchived(application)
        const ids = [...new Set(sourceServerIDs)]
        // An unknown one is told as such, and not as one of the conflicts.
        for (const id of ids) await readServer(trx, id)
        await changeAll(trx, ids, (id) => moveServer(trx, id, application, isToBeIn))
        await touch(trx, application, context.now())
      })
      return {}
    }
  const applications =
    (isToBeIn: boolean) =>
    async ({ waveID, applicationIDs }: ApplicationsInput, context: CallContext) => {
      await db.transaction().execute(async (trx) => {
        const wave = await lockGroup(trx, 'wave', waveID)
        if (isToBeIn) refuseArchived(wave)
        const errors: LandfallError[] = []
        // In the order of the IDs: two calls must not wait for each other.
        for (const id of [...new Set(applicationIDs)].toSorted()) {
          const application = await lockGroup(trx, 'application', id)
          const refused = await moveApplication(trx, application, wave, isToBeIn)
          if (refused !== undefined) errors.push(refused)
        }
        if (errors.length > 0) throw allOf(errors)
        await touch(trx, wave, context.now())
      })
      return {}
    }
  return {
    mgn: {
      AssociateSourceServers: servers(true),
      DisassociateSourceServers: servers(false),
      AssociateApplications: applications(true),
      DisassociateApplications: applications(false),
    },
  }
}

async function moveServer(
  trx: Transaction<Schema>,
  id: string,
  { group_id: applicationID }: GroupRow,
  isToBeIn: boolean,
) {
  const { application_id: present, is_archived: isArchived } = await readServer(trx, id)
  if (present !== null && present !== applicationID) {
    throw serverConflict(
      id,
      'IN_OTHER_APPLICATION',
      `is in application ${present}; disassociate it there first`,
    )
  }
  if (isToBeIn && isArchived) throw serverConflict(id, 'ARCHIVED', 'is archived')
  await trx
    .updateTable('source_servers')
    .set({ application_id: isToBeIn ? applicationID : null })
    .where('source_server_id', '=', id)
    .execute()
}

/** Why the application cannot be moved, when it cannot. */
async function moveApplication(
  trx: Transaction<Schema>,
  application: GroupRow,
  { group_id: waveID }: GroupRow,
  isToBeIn: boolean,
): Promise<LandfallError | undefined> {
  const { wave_id: present } = application
  if (present !== null && present !== waveID) {
    return groupConflict(application, `is in wave ${present}; disassociate it there first`)
  }
  if (isToBeIn && application.is_archived) return groupConflict(application, 'is archived')
  await trx
    .updateTable('groups')
    .set({ wave_id: isToBeIn ? waveID : null })
    .where('group_id', '=', application.group_id)
    .execute()
  return undefined
}

function allOf(errors: readonly LandfallError[]): LandfallError {
  return new LandfallError('conflict', errors.map((error) => error.message).join('; '), {
    errors: errors.flatMap(({ message, details: { resource } }) =>
      resource === undefined ? [] : { ...resource, code: 'CONFLICT', message },
    ),
  })
}

function touch(trx: Transaction<Schema>, { group_id: id }: GroupRow, now: Date) {
  return trx.updateTable('groups').set({ modified_at: now }).where('group_id', '=', id).execute()
}
