import { findTransition, type LifecycleEvent, type LifecycleGuard } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { hindranceOf, openJobsOf, type OpenJob } from '../jobs/open-jobs.ts'
import { findBlockingAction } from '../post-launch-actions/unfinished-actions.ts'
import { viewReplicationOf } from '../source-servers/records.ts'
import { isLaunchable, type DataReplicationInfo } from '../source-servers/replication-view.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'
import type { Timing } from '../timing.ts'

/** The sub-codes of a `conflict` that a life cycle event met. */
export type RefusalCode =
  | 'ILLEGAL_STATE'
  | 'NOT_LAUNCHABLE'
  | 'JOB_IN_PROGRESS'
  | 'ACTION_NOT_SUCCEEDED'

/** Why an event cannot happen to a server. */
export interface Refusal {
  readonly code: RefusalCode
  /** Goes on about the server: `has no point to launch from yet`. */
  readonly what: string
}

/**
 * What decides, besides the state, which events are legal for a server; looked up only where an
 * event is asked for that it decides about: agents and points cause some all the time.
 */
export interface LifecycleFacts {
  readonly info: () => Promise<DataReplicationInfo>
  readonly openJobs: () => Promise<readonly OpenJob[]>
  /** The post-launch action that the cutover waits for, in words that go on about the server. */
  readonly blockingAction: () => Promise<string | undefined>
}

/** The facts of one server, each looked up when it is asked for. */
export function lifecycleFacts(
  db: Kysely<Schema>,
  row: SourceServerRow,
  { now, timing }: { readonly now: Date; readonly timing: Timing },
): LifecycleFacts {
  const { source_server_id: id } = row
  return {
    info: () => viewReplicationOf(db, row, now, timing),
    openJobs: async () => (await openJobsOf(db, [id])).get(id) ?? [],
    blockingAction: () => findBlockingAction(db, row),
  }
}

/** Why the event cannot happen now; undefined when it can. */
export async function refusalOf(
  event: LifecycleEvent,
  { state }: Pick<SourceServerRow, 'state'>,
  facts: LifecycleFacts,
): Promise<Refusal | undefined> {
  const transition = findTransition(event, state)
  if (transition === undefined) {
    return { code: 'ILLEGAL_STATE', what: `is ${state}, where ${event} is not possible` }
  }
  const { guard } = transition
  const unmet = guard === undefined ? undefined : await unmetGuard(guard, facts)
  if (unmet !== undefined) return unmet
  const hindrance = await hindranceOf(event, facts.openJobs)
  return hindrance === undefined ? undefined : { code: 'JOB_IN_PROGRESS', what: hindrance }
}

async function unmetGuard(
  guard: LifecycleGuard,
  facts: LifecycleFacts,
): Promise<Refusal | undefined> {
  if (guard === 'actionsSucceeded') {
    const action = await facts.blockingAction()
    return action === undefined ? undefined : { code: 'ACTION_NOT_SUCCEEDED', what: action }
  }
  const info = await facts.info()
  if (isLaunchable(info)) return undefined
  const { dataReplicationState } = info
  const what = `has no point to launch from yet; its data replication is ${dataReplicationState}`
  return { code: 'NOT_LAUNCHABLE', what }
}
