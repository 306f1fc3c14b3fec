import type { JobInitiatedBy, JobStatus, JobType, LaunchStatus } from '@landfall/model'
import type { Job, JobServer } from '../api/job.ts'

/** Cloudscape's kinds of status. */
export type Indication =
  | 'success'
  | 'in-progress'
  | 'pending'
  | 'warning'
  | 'error'
  | 'stopped'
  | 'info'

export const JOB_TYPE_WORDS: Readonly<Record<JobType, string>> = {
  LAUNCH: 'Launch',
  TERMINATE: 'Terminate',
}

const INITIATED_BY_WORDS: Readonly<Record<JobInitiatedBy, string>> = {
  START_TEST: 'Launch test instances',
  START_CUTOVER: 'Launch cutover instances',
  DIAGNOSTIC: 'Diagnostics',
  TERMINATE: 'Terminate launched instances',
}

const STATUS_WORDS: Readonly<Record<JobStatus, readonly [Indication, string]>> = {
  PENDING: ['pending', 'Waiting'],
  STARTED: ['in-progress', 'In progress'],
  COMPLETED: ['success', 'Completed'],
}

const LAUNCH_WORDS: Readonly<Record<LaunchStatus, readonly [Indication, string]>> = {
  PENDING: ['pending', 'Waiting'],
  IN_PROGRESS: ['in-progress', 'In progress'],
  LAUNCHED: ['success', 'Launched'],
  FAILED: ['error', 'Failed'],
  TERMINATED: ['stopped', 'Terminated'],
}

export interface Status {
  readonly type: Indication
  readonly text: string
}

export function initiatedByText({ initiatedBy }: Job): string {
  return initiatedBy === undefined ? '–' : INITIATED_BY_WORDS[initiatedBy]
}

/** A job completes whatever came of its servers: where some failed, that is said. */
export function jobStatus({ status, participatingServers }: Job): Status {
  const [type, text] = STATUS_WORDS[status]
  const failed = participatingServers.filter(({ launchStatus }) => launchStatus === 'FAILED').length
  if (failed === 0) return { type, text }
  const isOver = status === 'COMPLETED'
  const failures = participatingServers.length === 1 ? 'failed' : `${failed} failed`
  return { type: isOver ? 'error' : type, text: `${text}, ${failures}` }
}

export function launchStatusOf(status: LaunchStatus): Status {
  const [type, text] = LAUNCH_WORDS[status]
  return { type, text }
}

/** `3: 2 launched, 1 failed`. */
export function serversText({ participatingServers: servers }: Job): string {
  const counts = Map.groupBy(servers, ({ launchStatus }) => launchStatus)
  const told = Array.from(
    counts,
    ([status, own]) => `${own.length} ${LAUNCH_WORDS[status][1].toLowerCase()}`,
  )
  return servers.length === 0 ? 'None' : `${servers.length}: ${told.join(', ')}`
}

/** How far the post-launch actions of a server are; undefined where it has none. */
export function actionsStatus({ postLaunchActionsStatus }: JobServer): Status | undefined {
  const actions = postLaunchActionsStatus?.postLaunchActionsLaunchStatusList ?? []
  if (actions.length === 0) return undefined
  const count = (status: string) =>
    actions.filter(({ executionStatus }) => executionStatus === status).length
  const [done, failed] = [count('SUCCESS'), count('FAILED')]
  const text = `${done} of ${actions.length} succeeded`
  if (failed > 0) return { type: 'error', text: `${text}, ${failed} failed` }
  return { type: done === actions.length ? 'success' : 'in-progress', text }
}
