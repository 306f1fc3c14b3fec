import { findTransition, type LifecycleEvent, type LifecycleTransition } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { emit } from '../events/emit.ts'
import { lockServer } from '../source-servers/records.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'
import { effectOf, type EventDetails } from './effects.ts'
import { lifecycleFacts, refusalOf } from './refusal.ts'
import { serverConflict } from './server-conflict.ts'

export interface LifecycleChange extends EventDetails {
  readonly sourceServerID: string
  readonly event: LifecycleEvent
  readonly timing: Timing
}

export interface LifecycleChanged {
  readonly before: SourceServerRow
  /** The row as it is now. For `removed`, as it was. */
  readonly after: SourceServerRow
}

/**
 * Makes an event happen to a server: the only way a life cycle changes. Locks the server's row
 * until the transaction ends, so that of two events at once the second sees what the first did.
 * `conflict` when the table has no row for it, the guard does not hold, or a job stands in the way;
 * then nothing was written.
 */
export async function changeLifecycle(
  trx: Transaction<Schema>,
  change: LifecycleChange,
): Promise<LifecycleChanged> {
  const before = await lockServer(trx, change.sourceServerID)
  const transition = await requireLegal(trx, before, change)
  if (transition.to === 'removed') {
    await trx
      .deleteFrom('source_servers')
      .where('source_server_id', '=', before.source_server_id)
      .execute()
    return { before, after: before }
  }
  const state = transition.to === 'same' ? before.state : transition.to
  const after = await trx
    .updateTable('source_servers')
    .set({ state, ...effectOf(change.event, before, change) })
    .where('source_server_id', '=', before.source_server_id)
    .returningAll()
    .executeTakeFirstOrThrow()
  if (after.was_ready && !before.was_ready) {
    const type = 'MGN Source Server Lifecycle State Change'
    await emit(
      trx,
      after.source_server_id,
      { type, detail: { state: 'READY_FOR_TEST' } },
      change.now,
    )
  }
  return { before, after }
}

/** The row of the table for the event. Throws `conflict` when it cannot happen now. */
async function requireLegal(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  change: LifecycleChange,
): Promise<LifecycleTransition> {
  const refusal = await refusalOf(change.event, server, lifecycleFacts(trx, server, change))
  if (refusal !== undefined) {
    throw serverConflict(server.source_server_id, refusal.code, refusal.what)
  }
  const transition = findTransition(change.event, server.state)
  if (transition === undefined) throw new Error(`${change.event} has no row and was not refused`)
  return transition
}
