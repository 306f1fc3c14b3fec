import {
  findTransition,
  type LandfallError,
  type LifecycleEvent,
  type LifecycleTransition,
} from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { emit } from '../events/emit.ts'
import { findOpenJob } from '../jobs/open-jobs.ts'
import { findBlockingAction } from '../post-launch-actions/unfinished-actions.ts'
import { lockServer, viewReplicationOf } from '../source-servers/records.ts'
import { isLaunchable } from '../source-servers/replication-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'
import { effectOf, type EventDetails } from './effects.ts'
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

/** The sub-codes of a `conflict` that a life cycle event met. */
type ConflictCode = 'ILLEGAL_STATE' | 'NOT_LAUNCHABLE' | 'JOB_IN_PROGRESS' | 'ACTION_NOT_SUCCEEDED'

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
  const transition = findTransition(change.event, before.state)
  if (transition === undefined) throw illegal(before, change.event)
  await checkGuard(trx, before, transition, change)
  const job = await findOpenJob(trx, before.source_server_id, change.event)
  if (job !== undefined) throw conflict(before, 'JOB_IN_PROGRESS', job)
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

async function checkGuard(
  trx: Transaction<Schema>,
  server: SourceServerRow,
  transition: LifecycleTransition,
  change: LifecycleChange,
) {
  if (transition.guard === undefined) return
  if (transition.guard === 'actionsSucceeded') {
    const action = await findBlockingAction(trx, server)
    if (action === undefined) return
    throw conflict(server, 'ACTION_NOT_SUCCEEDED', action)
  }
  const info = await viewReplicationOf(trx, server, change.now, change.timing)
  if (isLaunchable(info)) return
  throw conflict(
    server,
    'NOT_LAUNCHABLE',
    `has no point to launch from yet; its data replication is ${info.dataReplicationState}`,
  )
}

function illegal(server: SourceServerRow, event: LifecycleEvent): LandfallError {
  return conflict(server, 'ILLEGAL_STATE', `is ${server.state}, where ${event} is not possible`)
}

function conflict(server: SourceServerRow, code: ConflictCode, what: string): LandfallError {
  return serverConflict(server.source_server_id, code, what)
}
