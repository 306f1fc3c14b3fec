import { errorText } from '@landfall/model'
import type { Dependencies } from '../packages/service/src/dependencies.ts'
import type { JobQueue } from '../packages/service/src/jobs/queue.ts'
import { runJob } from '../packages/service/src/jobs/run-job.ts'

/**
 * Runs jobs without pg-boss, which wants connections of its own: the rows of jobs that have not
 * ended are the queue. Disposing stops all runs where they are.
 */
export class InProcessJobs implements JobQueue, AsyncDisposable {
  readonly #world: Dependencies
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Promise<void>>()

  constructor(world: Dependencies) {
    this.#world = world
  }

  /** The job's row, which the transaction makes as well, says all. */
  async enqueue(): Promise<void> {}

  wake(): void {
    void this.look()
  }

  /** Runs what is not being run; also, once more, what could not be run to its end. */
  async look(): Promise<void> {
    const { db, log } = this.#world
    const { signal } = this.#stopping
    const open = await db
      .selectFrom('jobs')
      .select('job_id')
      .where('status', '<>', 'COMPLETED')
      .orderBy('seq')
      .execute()
      .catch(() => [])
    for (const { job_id: jobID } of open) {
      if (signal.aborted || this.#running.has(jobID)) continue
      const run = runJob(this.#world, jobID, { signal })
        .catch((error: unknown) => {
          if (!signal.aborted) log(`Job ${jobID} will be run again: ${errorText(error)}`)
        })
        .finally(() => this.#running.delete(jobID))
      this.#running.set(jobID, run)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('The service stops'))
    await Promise.all(this.#running.values())
  }
}
