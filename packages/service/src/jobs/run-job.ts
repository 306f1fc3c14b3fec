import { errorText } from '@landfall/model'
import type { Dependencies } from '../dependencies.ts'
import { launchStory } from './launch-story.ts'
import { rehearsalStory } from '../rehearsals/rehearsal-story.ts'
import { releaseStory } from './release-story.ts'
import { logEvent, readAttempts, recordFailure, recordStart, recordSuccess } from './step-log.ts'
import type { BeforeStep, Step, StepContext, Story } from './story.ts'
import type { JobKind, JobRow, JobServerRow } from './tables.ts'
import { terminateStory } from './terminate-story.ts'

export interface RunOptions {
  /** Aborts: the job stops where it is, and is continued by the next run. */
  readonly signal: AbortSignal
  /** Called wherever a crash would leave a different state behind. Tests crash there. */
  readonly checkpoint?: (name: string) => void
}

/** Servers of one job that are worked on at once: a conversion takes a CPU and a gigabyte. */
export const SIDE_BY_SIDE_MAX = 8

const STORIES: Readonly<Record<JobKind, Story>> = {
  LAUNCH: launchStory,
  TERMINATE: terminateStory,
  RELEASE: releaseStory,
  REHEARSAL: rehearsalStory,
}

/**
 * Runs a job to its end, or on from where it was: each step is recorded before and after, and what
 * is recorded as done is not done again. Throws when it is to be run again later; nothing goes on
 * in the background then. At most one run of a job at a time.
 */
export async function runJob(
  world: Dependencies,
  jobID: string,
  options: RunOptions,
): Promise<void> {
  const job = await begin(world, jobID)
  if (job === undefined) return
  options.checkpoint?.('job started')
  const servers = await world.db
    .selectFrom('job_servers')
    .selectAll()
    .where('job_id', '=', jobID)
    .orderBy('source_server_id')
    .execute()
  await sideBySide(servers, (server) => runServer(world, job, server, options))
  options.checkpoint?.('servers done')
  await end(world, job)
  options.checkpoint?.('job ended')
}

async function begin(world: Dependencies, jobID: string): Promise<JobRow | undefined> {
  return world.db.transaction().execute(async (trx) => {
    const job = await trx
      .updateTable('jobs')
      .set({ status: 'STARTED' })
      .where('job_id', '=', jobID)
      .where('status', '<>', 'COMPLETED')
      .returningAll()
      .executeTakeFirst()
    if (job !== undefined && STORIES[job.kind].logged) {
      await logEvent(trx, { jobID, event: 'JOB_START', now: world.now() })
    }
    return job
  })
}

async function end(world: Dependencies, job: JobRow) {
  const now = world.now()
  await world.db.transaction().execute(async (trx) => {
    await trx
      .updateTable('jobs')
      .set({ status: 'COMPLETED', ended_at: now })
      .where('job_id', '=', job.job_id)
      .execute()
    if (STORIES[job.kind].logged) {
      await logEvent(trx, { jobID: job.job_id, event: 'JOB_END', now })
    }
  })
}

async function runServer(
  world: Dependencies,
  job: JobRow,
  server: JobServerRow,
  options: RunOptions,
) {
  if (server.launch_status !== 'PENDING' && server.launch_status !== 'IN_PROGRESS') return
  const { source_server_id: sourceServerID } = server
  await world.db
    .updateTable('job_servers')
    .set({ launch_status: 'IN_PROGRESS' })
    .where('job_id', '=', job.job_id)
    .where('source_server_id', '=', sourceServerID)
    .execute()
  const story = STORIES[job.kind]
  const results = new Map<string, object>()
  const context = { world, job, sourceServerID, attempt: 1, results, signal: options.signal }
  for (const step of story.steps) {
    const outcome = await runStep(step, context, options)
    if ('error' in outcome) {
      await story.giveUp(context, { step, error: outcome.error })
      return
    }
    results.set(step.name, outcome.result)
  }
}

type Outcome = { readonly result: object } | { readonly error: string }

async function runStep(step: Step, context: BeforeStep, options: RunOptions): Promise<Outcome> {
  const attempts = await readAttempts(context.world.db, step, context)
  const done = attempts.find((row) => row.succeeded)
  if (done !== undefined) return { result: done.result ?? {} }
  if (attempts.length === 0 && (await step.needed?.(context)) === false) return { result: {} }
  const failed = attempts.filter((row) => row.succeeded === false)
  const open = attempts.find((row) => row.succeeded === null)
  let error = failed.at(-1)?.error ?? 'The step failed'
  for (let attempt = failed.length + 1; attempt <= (step.attemptsMax ?? 1); attempt += 1) {
    const before = { ...context, attempt }
    const row = open?.attempt === attempt ? open : await recordStart(step, before)
    const now = { ...before, plan: row.plan, startedAt: row.started_at }
    options.checkpoint?.(`${step.name} ${attempt} started`)
    const outcome = await attemptStep(step, now)
    options.checkpoint?.(`${step.name} ${attempt} ran`)
    if ('result' in outcome) {
      await recordSuccess(step, now, row, outcome.result)
      options.checkpoint?.(`${step.name} ${attempt} recorded`)
      return outcome
    }
    error = outcome.error
    const isLast = attempt === step.attemptsMax
    const rescued = await recordFailure(step, now, row, { error, isLast })
    options.checkpoint?.(`${step.name} ${attempt} failure recorded`)
    if (rescued !== undefined) return { result: rescued }
  }
  return { error }
}

async function attemptStep(step: Step, context: StepContext): Promise<Outcome> {
  try {
    return { result: await step.run(context) }
  } catch (error) {
    // The service stops, or the step knows no failure: the job is run again later.
    if (context.signal.aborted || step.attemptsMax === undefined) throw error
    return { error: errorText(error) }
  }
}

/** Works on all items, a few at once; throws the first failure after all have come to rest. */
async function sideBySide<T>(items: readonly T[], run: (item: T) => Promise<void>) {
  const rest = items.values()
  const failures: unknown[] = []
  const work = async () => {
    for (const item of rest) await run(item).catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE_MAX }, work))
  if (failures.length > 0) throw failures[0]
}
