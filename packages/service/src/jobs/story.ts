import type { JobLogEvent, JobLogEventData } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { Dependencies } from '../dependencies.ts'
import type { JobRow } from './tables.ts'

/** One step for one server of a job. */
export interface StepContext {
  readonly world: Dependencies
  readonly job: JobRow
  readonly sourceServerID: string
  readonly attempt: number
  readonly startedAt: Date
  /** What `prepare` decided. */
  readonly plan: object
  /** What the steps before gave, by their name. */
  readonly results: ReadonlyMap<string, object>
  readonly signal: AbortSignal
}

export type BeforeStep = Omit<StepContext, 'plan' | 'startedAt'>

/**
 * A step of a job. It is recorded before and after; where the service was killed between the two,
 * it runs again, so `run` must come to one result however often it is called.
 */
export interface Step {
  readonly name: string
  /** A step that failed this often fails the server. Absent: the job is run again later. */
  readonly attemptsMax?: number
  readonly events?: {
    readonly start: JobLogEvent
    readonly end?: JobLogEvent
    readonly fail: JobLogEvent
  }
  /** Whether the server needs the step at all. */
  needed?(context: BeforeStep): Promise<boolean>
  /** Decides once, in the transaction that records the start, what `run` will do. */
  prepare?(
    trx: Transaction<Schema>,
    context: BeforeStep,
  ): Promise<{ readonly plan: object; readonly data?: JobLogEventData }>
  run(context: StepContext): Promise<object>
  /** Written in the transaction that records the end. */
  settle?(trx: Transaction<Schema>, context: StepContext, result: object): Promise<void>
  /** After the last attempt: what there is instead of a result, and the event that says so. */
  rescue?(
    trx: Transaction<Schema>,
    context: StepContext,
  ): Promise<{ readonly event: JobLogEvent; readonly result: object } | undefined>
}

/** What happens to each server of a job, in order. */
export interface Story {
  readonly steps: readonly Step[]
  /** The job shows in its log. */
  readonly logged: boolean
  /** After a step failed for good: cleans up and records the server as failed. May run twice. */
  giveUp(
    context: BeforeStep,
    failed: { readonly step: Step; readonly error: string },
  ): Promise<void>
}
