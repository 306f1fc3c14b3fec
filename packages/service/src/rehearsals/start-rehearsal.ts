import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { createJob } from '../jobs/create-job.ts'
import type { JobQueue } from '../jobs/queue.ts'

/** Records a rehearsal of a server and puts its job into the queue. Returns the job's ID. */
export async function startRehearsal(
  trx: Transaction<Schema>,
  queue: JobQueue,
  { sourceServerID, now }: { readonly sourceServerID: string; readonly now: Date },
): Promise<string> {
  const { job_id: jobID } = await createJob(trx, queue, {
    kind: 'REHEARSAL',
    initiatedBy: null,
    sourceServerIDs: [sourceServerID],
    tags: {},
    now,
  })
  await trx
    .insertInto('rehearsals')
    .values({ job_id: jobID, source_server_id: sourceServerID, started_at: now })
    .execute()
  return jobID
}
