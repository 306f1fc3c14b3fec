import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import { commandKey, STAGING_KEY } from '../channel/notifier.ts'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import { found } from '../not-found.ts'
import { lockServer } from '../source-servers/records.ts'
import { validated } from '../valid-input.ts'
import { beginDeletion, settleDeletion, type Deletion } from './deletion.ts'
import { ofPoint } from './operations.ts'
import { forgetPoint } from './points.ts'
import { readHeldPoints } from './retention.ts'

/** Deleting a point by hand. */
export function pointDeletionOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, notifier, timing } = dependencies
  return {
    landfall: {
      /**
       * Answers DELETED, or DELETING when that takes longer than a call may: it goes on by itself.
       */
      DeletePoint: validated(ofPoint, async ({ sourceServerID, pointID }, context) => {
        const deletion = { sourceServerID, pointID, now: context.now() }
        const commandID = await db.transaction().execute((trx) => startDeletion(trx, deletion))
        if (commandID === undefined) return { pointID, state: 'DELETED' }
        notifier.notify(STAGING_KEY)
        const look = async () => {
          const options = { now: context.now(), retryMs: timing.pointDeleteRetryMs }
          const progress = await settleDeletion(db, pointID, options)
          return progress.state === 'OPEN' ? undefined : progress
        }
        const progress = await notifier.until(commandKey(commandID), look, {
          timeoutMs: timing.operatorWaitMs,
          recheckMs: timing.recheckMs,
          signal: context.signal,
        })
        if (progress?.state === 'REFUSED') throw conflict(pointID, progress.error)
        if (progress?.state === 'FAILED') {
          throw new LandfallError(
            'unavailable',
            `Point ${pointID} could not be deleted yet and is tried again: ${progress.error}`,
          )
        }
        return { pointID, state: progress === undefined ? 'DELETING' : 'DELETED' }
      }),
    },
  }
}

/** The command's ID; undefined when there was nothing to free. `conflict` with the reason. */
async function startDeletion(
  trx: Transaction<Schema>,
  deletion: Deletion,
): Promise<string | undefined> {
  const { sourceServerID, pointID } = deletion
  await lockServer(trx, sourceServerID)
  const points = await trx
    .selectFrom('points')
    .select(['point_id', 'state'])
    .where('source_server_id', '=', sourceServerID)
    .orderBy('seq')
    .execute()
  const ofThis = points.findIndex((point) => point.point_id === pointID)
  const { state } = found(points[ofThis], 'Point', pointID)
  if (state === 'REQUESTED') throw conflict(pointID, 'it is being made; wait for it')
  if (state === 'FAILED') {
    await forgetPoint(trx, pointID)
    return undefined
  }
  const later = points.slice(ofThis + 1)
  if (state === 'AVAILABLE' && !later.some((point) => point.state === 'AVAILABLE')) {
    throw conflict(pointID, 'it is the newest, which a launch needs; make another point first')
  }
  const held = await readHeldPoints(trx, [sourceServerID])
  const user = points.slice(ofThis).find((point) => held.has(point.point_id))?.point_id
  if (user !== undefined) {
    const what = user === pointID ? 'it' : `the later point ${user}, which builds on it,`
    throw conflict(pointID, `${what} is in use by an instance, a launch, an export or a comparison`)
  }
  return beginDeletion(trx, deletion)
}

function conflict(resourceId: string, reason: string): LandfallError {
  return new LandfallError('conflict', `Point ${resourceId} cannot be deleted: ${reason}`, {
    resource: { resourceId, resourceType: 'Point' },
  })
}
