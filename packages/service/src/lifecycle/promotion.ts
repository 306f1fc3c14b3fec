import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import { z } from 'zod'
import { ofServer } from '../channel/schemas.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import type { InstanceRow } from '../instances/tables.ts'
import { networkPlanFor } from '../networks/network-plans.ts'
import { planActions } from '../post-launch-actions/planned-actions.ts'
import { readServer } from '../source-servers/records.ts'
import { viewSourceServer } from '../source-servers/source-server-view.ts'
import { validated } from '../valid-input.ts'
import { changeLifecycle } from './change-lifecycle.ts'
import { serverConflict } from './server-conflict.ts'

const promotion = ofServer.extend({
  /** The moment that the instance's disks began with, by which the caller accepts the loss. */
  discardSourceWritesSince: z.iso.datetime({ offset: true }).exactOptional(),
})

/** Makes the instance that was tested the cutover instance, in place of launching a new one. */
export function promotionOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, timing, provider } = dependencies
  return {
    landfall: {
      PromoteTestInstance: validated(promotion, async (input, context) => {
        const { sourceServerID, discardSourceWritesSince: accepted } = input
        const now = context.now()
        const row = await db.transaction().execute(async (trx) => {
          const { instance_id } = await readServer(trx, sourceServerID)
          const instance = await findLaunched(trx, instance_id)
          const event = 'PromoteTestInstance'
          const jobID = instance?.job_id ?? ''
          const { after } = await changeLifecycle(trx, {
            sourceServerID,
            event,
            jobID,
            now,
            timing,
          })
          if (instance === undefined || after.instance_id !== instance.instance_id) {
            throw serverConflict(
              sourceServerID,
              'NO_INSTANCE',
              'has no launched instance that could be promoted; start the cutover instead',
            )
          }
          await requireNetwork(trx, instance)
          requireAccepted(instance, accepted)
          await requireExisting(instance)
          await trx
            .updateTable('instances')
            .set({ purpose: 'CUTOVER' })
            .where('instance_id', '=', instance.instance_id)
            .execute()
          const instanceID = instance.instance_id
          await planActions(trx, after, { instanceID, purpose: 'CUTOVER' })
          return after
        })
        return viewSourceServer(db, row, { account: context, now, timing })
      }),
    },
  }

  async function requireExisting({ instance_id: id, source_server_id: serverID }: InstanceRow) {
    if ((await provider.describe(id)).state !== 'terminated') return
    const what = `has the instance ${id}, which was removed outside of Landfall; start the cutover`
    throw serverConflict(serverID, 'NO_INSTANCE', `${what} instead`)
  }

  /** A guest goes by the network that it was made for. */
  async function requireNetwork(trx: Transaction<Schema>, instance: InstanceRow) {
    const { instance_id: id, source_server_id: sourceServerID, network: own } = instance
    const { network } = await networkPlanFor(dependencies, trx, {
      sourceServerID,
      purpose: 'CUTOVER',
    })
    if (own === null || own.network.subnetID === network.subnetID) return
    const what =
      `has the instance ${id} in the network ${own.network.name}, and a cutover instance would be in ` +
      `${network.name}; start the cutover instead, or test like that before (landfall ` +
      `launch-settings ${sourceServerID} --test-network like-cutover)`
    throw serverConflict(sourceServerID, 'OTHER_NETWORK', what)
  }
}

async function findLaunched(
  trx: Transaction<Schema>,
  instanceID: string | null,
): Promise<InstanceRow | undefined> {
  if (instanceID === null) return undefined
  return trx
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', '=', instanceID)
    .where('state', 'in', ['RUNNING', 'STOPPED'])
    .forUpdate()
    .executeTakeFirst()
}

/** Nobody promotes by mistake: what is lost has to be named. */
function requireAccepted(instance: InstanceRow, accepted: string | undefined) {
  const { instance_id: id, source_server_id: serverID, point_taken_at: takenAt } = instance
  if (takenAt === null) {
    const what = `has the instance ${id}, and it is not known from which moment its disks are`
    throw serverConflict(serverID, 'NO_POINT', `${what}; start the cutover instead`)
  }
  if (accepted !== undefined && new Date(accepted).getTime() === takenAt.getTime()) return
  const moment = takenAt.toISOString()
  const message =
    `Instance ${id} has the disks of source server ${serverID} as they were at ${moment}. What was ` +
    'written on the source since is not on it, and is lost when it takes the place of the source. ' +
    `To accept that, repeat with discardSourceWritesSince ${moment} (landfall promote ${serverID} ` +
    `--discard-source-writes-since ${moment})${accepted === undefined ? '.' : `, not ${accepted}.`}`
  throw new LandfallError('validation', message, {
    fields: [{ name: 'discardSourceWritesSince', message }],
  })
}
