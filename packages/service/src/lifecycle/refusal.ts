import { findTransition, type LifecycleEvent } from '@landfall/model'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { hindranceOf, openJobsOf, type OpenJob } from '../jobs/open-jobs.ts'
import { findBlockingAction } from '../post-launch-actions/unfinished-actions.ts'
import { viewReplications } from '../source-servers/records.ts'
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

/** All that decides, besides the state, which events are legal for a server. */
export interface LifecycleFacts {
  readonly info: DataReplicationInfo
  readonly openJobs: readonly OpenJob[]
  /** The post-launch action that the cutover waits for, in words that go on about the server. */
  readonly blockingAction: string | undefined
}

/** The facts of each server, in the order of the rows. */
export async function lifecycleFacts(
  db: Kysely<Schema>,
  rows: readonly SourceServerRow[],
  { now, timing }: { readonly now: Date; readonly timing: Timing },
): Promise<LifecycleFacts[]> {
  const infos = await viewReplications(db, rows, now, timing)
  const ids = rows.map((row) => row.source_server_id)
  const openJobs = await openJobsOf(db, ids)
  const facts: LifecycleFacts[] = []
  for (const [index, row] of rows.entries()) {
    const info = infos[index]
    if (info === undefined) throw new Error('one row gives one view')
    // In no other state anything waits for it.
    const isCuttingOver = row.state === 'CUTTING_OVER'
    const blockingAction = isCuttingOver ? await findBlockingAction(db, row) : undefined
    facts.push({ info, openJobs: openJobs.get(row.source_server_id) ?? [], blockingAction })
  }
  return facts
}

/** Why the event cannot happen now; undefined when it can. */
export function refusalOf(
  event: LifecycleEvent,
  { state }: Pick<SourceServerRow, 'state'>,
  { info, openJobs, blockingAction }: LifecycleFacts,
): Refusal | undefined {
  const transition = findTransition(event, state)
  if (transition === undefined) {
    return { code: 'ILLEGAL_STATE', what: `is ${state}, where ${event} is not possible` }
  }
  if (transition.guard === 'actionsSucceeded' && blockingAction !== undefined) {
    return { code: 'ACTION_NOT_SUCCEEDED', what: blockingAction }
  }
  if (transition.guard === 'launchable' && !isLaunchable(info)) {
    const { dataReplicationState } = info
    const what = `has no point to launch from yet; its data replication is ${dataReplicationState}`
    return { code: 'NOT_LAUNCHABLE', what }
  }
  const hindrance = hindranceOf(event, openJobs)
  return hindrance === undefined ? undefined : { code: 'JOB_IN_PROGRESS', what: hindrance }
}
