import type { JobLogEvent, JobLogEventData } from '@landfall/model'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { BeforeStep, Step, StepContext } from './story.ts'
import type { JobStepRow } from './tables.ts'

export interface LogItem {
  readonly jobID: string
  /** Absent: of the whole job. */
  readonly sourceServerID?: string
  readonly event: JobLogEvent
  readonly attempt?: number
  readonly data?: JobLogEventData
  readonly now: Date
}

/** Adds to a job's log. The same event of the same server and attempt is there once, ever. */
export async function logEvent(trx: Transaction<Schema>, item: LogItem): Promise<void> {
  const { sourceServerID } = item
  const data = { ...(sourceServerID !== undefined && { sourceServerID }), ...item.data }
  await trx
    .insertInto('job_log')
    .values({
      job_id: item.jobID,
      source_server_id: sourceServerID ?? '',
      event: item.event,
      attempt: item.attempt ?? 1,
      logged_at: item.now,
      data: JSON.stringify(data),
    })
    .onConflict((conflict) =>
      conflict.columns(['job_id', 'source_server_id', 'event', 'attempt']).doNothing(),
    )
    .execute()
}

/** The recorded attempts at a step, in order. */
export async function readAttempts(
  db: Kysely<Schema>,
  step: Step,
  { job, sourceServerID }: BeforeStep,
): Promise<JobStepRow[]> {
  return db
    .selectFrom('job_steps')
    .selectAll()
    .where('job_id', '=', job.job_id)
    .where('source_server_id', '=', sourceServerID)
    .where('step', '=', step.name)
    .orderBy('attempt')
    .execute()
}

/** Records that an attempt starts, with what it decides and its event, all at once. */
export async function recordStart(step: Step, context: BeforeStep): Promise<JobStepRow> {
  const { world, job, sourceServerID, attempt } = context
  const now = world.now()
  return world.db.transaction().execute(async (trx) => {
    const prepared = (await step.prepare?.(trx, context)) ?? { plan: {} }
    const attempts = step.attemptsMax ?? 1
    const counted = attempts > 1 ? { attemptCount: attempt, maxAttemptsCount: attempts } : {}
    const data = { ...prepared.data, ...counted }
    if (step.events !== undefined) {
      const event = step.events.start
      await logEvent(trx, { jobID: job.job_id, sourceServerID, event, attempt, data, now })
    }
    return trx
      .insertInto('job_steps')
      .values({
        job_id: job.job_id,
        source_server_id: sourceServerID,
        step: step.name,
        attempt,
        started_at: now,
        plan: JSON.stringify(prepared.plan),
        data: JSON.stringify(data),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** Records a success, with what it changes and its event. */
export async function recordSuccess(
  step: Step,
  context: StepContext,
  row: JobStepRow,
  result: object,
): Promise<void> {
  await context.world.db.transaction().execute(async (trx) => {
    await step.settle?.(trx, context, result)
    await writeEnd(trx, row, { succeeded: true, result, now: context.world.now() })
    const event = step.events?.end
    if (event !== undefined) await logStep(trx, context, row, event)
  })
}

/**
 * Records a failure and its event; gives what there is instead, where the step knows of something.
 */
export async function recordFailure(
  step: Step,
  context: StepContext,
  row: JobStepRow,
  failure: { readonly error: string; readonly isLast: boolean },
): Promise<object | undefined> {
  return context.world.db.transaction().execute(async (trx) => {
    const { error, isLast } = failure
    if (step.events !== undefined) {
      await logStep(trx, context, row, step.events.fail, { rawError: error })
    }
    const rescued = isLast ? await step.rescue?.(trx, context) : undefined
    const now = context.world.now()
    if (rescued === undefined) {
      await writeEnd(trx, row, { succeeded: false, error, now })
      return undefined
    }
    await writeEnd(trx, row, { succeeded: true, result: rescued.result, error, now })
    await logStep(trx, context, row, rescued.event)
    return rescued.result
  })
}

async function logStep(
  trx: Transaction<Schema>,
  { job, sourceServerID, world }: StepContext,
  row: JobStepRow,
  event: JobLogEvent,
  more: JobLogEventData = {},
) {
  const { attempt } = row
  const data = { ...row.data, ...more }
  const now = world.now()
  await logEvent(trx, { jobID: job.job_id, sourceServerID, event, attempt, data, now })
}

interface StepEnd {
  readonly succeeded: boolean
  readonly result?: object
  readonly error?: string
  readonly now: Date
}

async function writeEnd(trx: Transaction<Schema>, row: JobStepRow, end: StepEnd) {
  await trx
    .updateTable('job_steps')
    .set({
      ended_at: end.now,
      succeeded: end.succeeded,
      result: end.result === undefined ? null : JSON.stringify(end.result),
      error: end.error ?? null,
    })
    .where('job_id', '=', row.job_id)
    .where('source_server_id', '=', row.source_server_id)
    .where('step', '=', row.step)
    .where('attempt', '=', row.attempt)
    .execute()
}
