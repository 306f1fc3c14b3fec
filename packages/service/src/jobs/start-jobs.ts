import { errorText, JOBS_AT_ONCE_MAX } from '@landfall/model'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Dependencies } from '../dependencies.ts'
import type { JobQueue } from './queue.ts'
import { runJob } from './run-job.ts'

const QUEUE = 'landfall-jobs'

/** MGN's 20 jobs, and as many that give back the staging area. */
const RUNS_AT_ONCE_MAX = 2 * JOBS_AT_ONCE_MAX

/** The longest pg-boss allows. A run that takes longer is stopped, and continued by the next. */
const RUN_SECONDS_MAX = 24 * 60 * 60

/** How soon a worker looks when nobody rang: their retries are not rung for. */
const POLLING_SECONDS = 20

/** A job that could not be run is run again, after 2 s at first and then up to this. */
const RETRY_SECONDS_MAX = 60
const RETRY_SECONDS = 2
/** For ever: a release has to succeed some day. */
const RETRIES_MAX = 1_000_000

/** How long a stop waits for runs to come to rest. */
const STOP_MS = 5000

export interface Jobs extends JobQueue, AsyncDisposable {}

/**
 * Starts running jobs: first those that an earlier process left unfinished, from where they were.
 * Only one process may do so for a database at a time. Disposing stops all runs where they are.
 */
export async function startJobs(
  world: Dependencies,
  options: { readonly connectionString: string },
): Promise<Jobs> {
  const { log } = world
  const stopping = new AbortController()
  const boss = new PgBoss({ connectionString: options.connectionString, schedule: false })
  boss.on('error', (error) => log(`Job queue: ${errorText(error)}`))
  await boss.start()
  await boss.createQueue(QUEUE, {
    expireInSeconds: RUN_SECONDS_MAX,
    retryLimit: RETRIES_MAX,
    retryDelay: RETRY_SECONDS,
    retryBackoff: true,
    retryDelayMax: RETRY_SECONDS_MAX,
  })
  await resume(boss, world)
  const workers = await startWorkers(boss, world, stopping.signal)
  return {
    async enqueue(trx, jobID) {
      await boss.send(QUEUE, { jobID }, { db: fromKysely(trx) })
    },
    wake() {
      for (const worker of workers) boss.notifyWorker(worker)
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('The service stops'))
      await boss.stop({ graceful: true, timeout: STOP_MS })
    },
  }
}

/**
 * Our own record says what is unfinished, not the queue, in which a killed process' jobs look as if
 * they were being worked on.
 */
async function resume(boss: PgBoss, { db }: Dependencies) {
  await boss.deleteAllJobs(QUEUE)
  const open = await db
    .selectFrom('jobs')
    .select('job_id')
    .where('status', '<>', 'COMPLETED')
    .orderBy('seq')
    .execute()
  for (const { job_id: jobID } of open) await boss.send(QUEUE, { jobID })
}

async function startWorkers(boss: PgBoss, world: Dependencies, stopping: AbortSignal) {
  const run = async (jobID: string, signal: AbortSignal) => {
    try {
      await runJob(world, jobID, { signal })
    } catch (error) {
      if (!stopping.aborted) world.log(`Job ${jobID} will be run again: ${errorText(error)}`)
      throw error
    }
  }
  const options = { pollingIntervalSeconds: POLLING_SECONDS }
  const work = () =>
    boss.work<{ jobID: string }>(QUEUE, options, async (jobs) => {
      for (const job of jobs) {
        await run(job.data.jobID, AbortSignal.any([stopping, job.signal]))
      }
    })
  // One by one and not by pg-boss' own concurrency, whose workers but the first cannot be woken.
  return Promise.all(Array.from({ length: RUNS_AT_ONCE_MAX }, work))
}
