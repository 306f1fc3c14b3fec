import type { JobLogEvent, JobLogItem } from '@landfall/model'
import type { Job, JobServer } from '../api/job.ts'
import type { Indication } from './job-words.ts'

/** A step that a job takes with one server. */
export interface JobStep {
  readonly id: 'settings' | 'cleanup' | 'point' | 'start' | 'convert' | 'launch'
  /** By the letters and numbers of a migration's steps (docs/ARCHITECTURE.md). */
  readonly text: string
  readonly status: Indication
  readonly startedAt?: string
  readonly endedAt?: string
  /** Which attempt it is, of how many. */
  readonly attempt?: { readonly count: number; readonly max: number }
  readonly note?: string
  readonly error?: string
}

interface Events {
  readonly start: JobLogEvent
  readonly end?: JobLogEvent
  readonly fail: JobLogEvent
}

/** The steps of the job for one server, from what the log tells of it. */
export function stepsOf(
  job: Pick<Job, 'type' | 'initiatedBy'>,
  server: JobServer,
  log: readonly JobLogItem[],
): JobStep[] {
  const own = log.filter(({ eventData }) => eventData.sourceServerID === server.sourceServerID)
  const steps = job.type === 'TERMINATE' ? terminateSteps(own) : launchSteps(job, server, own)
  const isOver = server.launchStatus !== 'PENDING' && server.launchStatus !== 'IN_PROGRESS'
  // What had not begun when the job ended will not be done.
  return steps.map((step) =>
    isOver && step.status === 'pending'
      ? { ...step, status: 'stopped', note: 'Not reached' }
      : step,
  )
}

function terminateSteps(own: readonly JobLogItem[]): JobStep[] {
  const events = { start: 'CLEANUP_START', end: 'CLEANUP_END', fail: 'CLEANUP_FAIL' } as const
  return [{ id: 'cleanup', text: 'Terminate the launched instance', ...phase(own, events) }]
}

function launchSteps(
  { initiatedBy }: Pick<Job, 'initiatedBy'>,
  { launchStatus }: JobServer,
  own: readonly JobLogItem[],
): JobStep[] {
  const isCutover = initiatedBy === 'START_CUTOVER'
  const letter = isCutover ? 'D' : 'C'
  const conversion = phase(own, {
    start: 'CONVERSION_START',
    end: 'CONVERSION_END',
    fail: 'CONVERSION_FAIL',
  })
  const launch = phase(own, { start: 'LAUNCH_START', fail: 'LAUNCH_FAILED' })
  const cleanup = phase(own, { start: 'CLEANUP_START', end: 'CLEANUP_END', fail: 'CLEANUP_FAIL' })
  return [
    settingsStep(own, launchStatus),
    ...(cleanup.startedAt === undefined
      ? []
      : [{ id: 'cleanup' as const, text: 'Remove the earlier instance', ...cleanup }]),
    { id: 'point', text: 'B-5 Take a launchable point', ...pointPhase(own) },
    startStep(`${letter}-1 Start conversion`, own),
    { id: 'convert', text: `${letter}-2 Convert to bootable`, ...conversion },
    {
      id: 'launch',
      text: `${letter}-3 Launch the ${isCutover ? 'cutover' : 'test'} instance`,
      ...launch,
      // No event tells of its end: what comes of it is the server's launch status.
      ...(launchStatus === 'LAUNCHED' && { status: 'success' as const }),
    },
  ]
}

/** Nothing is logged of it but a failure, which comes before everything else. */
function settingsStep(own: readonly JobLogItem[], launchStatus: string): JobStep {
  const step = { id: 'settings', text: 'Check the launch settings' } as const
  const failed = own.find(({ event }) => event === 'LAUNCH_FAILED')
  const isFirst = own.every(({ event }) => event === 'LAUNCH_FAILED')
  if (failed !== undefined && isFirst) {
    const { rawError: error = '' } = failed.eventData
    return { ...step, status: 'error', endedAt: failed.logDateTime, error }
  }
  if (own.length > 0) return { ...step, status: 'success' }
  return { ...step, status: launchStatus === 'PENDING' ? 'pending' : 'in-progress' }
}

/** A point that is late or fails is made up for by the one before. */
function pointPhase(own: readonly JobLogItem[]): Omit<JobStep, 'id' | 'text'> {
  const taken = phase(own, { start: 'SNAPSHOT_START', end: 'SNAPSHOT_END', fail: 'SNAPSHOT_FAIL' })
  const isPrevious = own.some(({ event }) => event === 'USING_PREVIOUS_SNAPSHOT')
  if (!isPrevious) return taken
  return { ...taken, status: 'warning', note: 'The newest point that was kept is used instead' }
}

/** The staging area is told; what it does then is the next step. */
function startStep(text: string, own: readonly JobLogItem[]): JobStep {
  const started = own.findLast(({ event }) => event === 'CONVERSION_START')
  if (started === undefined) return { id: 'start', text, status: 'pending' }
  const { conversionServerID } = started.eventData
  return {
    id: 'start',
    text,
    status: 'success',
    startedAt: started.logDateTime,
    ...(conversionServerID !== undefined && { note: `On conversion server ${conversionServerID}` }),
  }
}

/** Where something is that the log tells the beginning and the end of; its last attempt counts. */
function phase(
  own: readonly JobLogItem[],
  { start, end, fail }: Events,
): Omit<JobStep, 'id' | 'text'> {
  const begun = own.findLastIndex(({ event }) => event === start)
  const started = own[begun]
  if (started === undefined) return { status: 'pending' }
  const ended = own.slice(begun).find(({ event }) => event === end || event === fail)
  const { attemptCount: count, maxAttemptsCount: max } = started.eventData
  const common = {
    startedAt: started.logDateTime,
    ...(count !== undefined && max !== undefined && { attempt: { count, max } }),
  }
  if (ended === undefined) return { ...common, status: 'in-progress' }
  const endedAt = ended.logDateTime
  if (ended.event === end) return { ...common, endedAt, status: 'success' }
  // Tried again, unless it was the last attempt: the next one's beginning says so.
  const error = ended.eventData.rawError ?? 'The service does not say why.'
  return { ...common, endedAt, status: 'error', error }
}

/** What to do about a step that failed, besides what its error says. */
const REMEDIES: Readonly<Record<JobStep['id'], string>> = {
  settings: 'Nothing was changed. Correct the launch settings of the server, and launch again.',
  cleanup: 'Remove what holds the earlier instance, and try again.',
  point: 'Look at the data replication of the server. When it goes on, launch again.',
  start: 'Look whether the replication server runs, and launch again.',
  convert:
    'The points of the server are as they were. Correct the cause on the source, wait for a new ' +
    'point, and launch again. Preflight of the server says what else would fail.',
  launch: 'Nothing of the instance stays. Correct the cause, and launch again.',
}

export interface LaunchFailure {
  readonly step: string
  readonly cause: string
  readonly remedy: string
}

/** Why the job failed with the server; undefined where it did not. */
export function failureOf(
  { launchStatus }: Pick<JobServer, 'launchStatus'>,
  steps: readonly JobStep[],
): LaunchFailure | undefined {
  if (launchStatus !== 'FAILED') return undefined
  const failed = steps.findLast(({ status }) => status === 'error')
  if (failed === undefined) return undefined
  return { step: failed.text, cause: failed.error ?? '', remedy: REMEDIES[failed.id] }
}

/** The step that a list names: what is being done, or what failed; undefined before and after. */
export function presentStep(steps: readonly JobStep[]): JobStep | undefined {
  return steps.findLast(({ status }) => status === 'in-progress' || status === 'error')
}
