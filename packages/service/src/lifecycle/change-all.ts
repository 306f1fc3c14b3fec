import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

/**
 * Changes each server, and when any cannot be changed throws one `conflict` that lists them all.
 * Always in the order of the IDs: two calls that lock the same servers must not wait for each
 * other.
 */
export async function changeAll(
  trx: Transaction<Schema>,
  ids: readonly string[],
  change: (sourceServerID: string) => Promise<void>,
): Promise<void> {
  await lockInOrder(trx, ids)
  const errors = []
  for (const id of ids.toSorted()) {
    try {
      await change(id)
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error
      errors.push(listedError(error, id))
    }
  }
  if (errors.length === 0) return
  const message =
    errors.length === 1 && errors[0] !== undefined
      ? errors[0].message
      : `${errors.length} of ${ids.length} source servers cannot do this: ${errors.map((one) => one.message).join('; ')}`
  throw new LandfallError('conflict', message, { errors })
}

async function lockInOrder(trx: Transaction<Schema>, ids: readonly string[]) {
  await trx
    .selectFrom('source_servers')
    .select('source_server_id')
    .where('source_server_id', 'in', ids)
    .orderBy('source_server_id')
    .forUpdate()
    .execute()
}

/** These calls declare no ResourceNotFoundException, so an unknown ID is one of the conflicts. */
function listedError(error: LandfallError, resourceId: string) {
  const [known] = error.details.errors ?? []
  const code = error.code === 'not_found' ? 'NOT_FOUND' : (known?.code ?? 'CONFLICT')
  return { resourceId, resourceType: 'SourceServer', code, message: error.message }
}
