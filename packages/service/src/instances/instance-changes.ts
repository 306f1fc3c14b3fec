import { LandfallError, type InstanceChanges } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import { found } from '../not-found.ts'

/**
 * What is lost when the instance is terminated. `conflict` where that cannot be told: its disks
 * stand alone, or are gone.
 */
export async function changesOf(
  { db, provider }: OperationDependencies,
  instanceID: string,
  signal: AbortSignal,
): Promise<InstanceChanges> {
  const row = await db
    .selectFrom('instances')
    .select(['state', 'independent_at'])
    .where('instance_id', '=', instanceID)
    .executeTakeFirst()
  const { state, independent_at: independentAt } = found(row, 'Instance', instanceID)
  if (state === 'PENDING' || state === 'TERMINATED') {
    const reason = state === 'PENDING' ? 'is still being launched' : 'was terminated'
    throw new LandfallError('conflict', `Instance ${instanceID} ${reason}.`)
  }
  if (independentAt !== null) {
    const message =
      `The disks of ${instanceID} stand alone since the cutover was finalized: what it has ` +
      'written since its launch can no longer be told from the rest.'
    throw new LandfallError('conflict', message)
  }
  return { instanceID, disks: await provider.changes(instanceID, signal) }
}
