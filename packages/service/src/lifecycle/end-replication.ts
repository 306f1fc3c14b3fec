import type { Transaction } from 'kysely'
import { withdrawVolumes } from '../channel/volumes.ts'
import type { Schema } from '../database/schema.ts'
import { createJob } from '../jobs/create-job.ts'
import type { JobQueue } from '../jobs/queue.ts'
import type { SourceServerRow } from '../source-servers/tables.ts'

/**
 * Forgets a server's points and what was still asked of its agent, and has a job give back its
 * staging area. That job first makes launched instances independent of it: no instance is lost.
 * Does nothing when replication had ended before.
 */
export async function endReplication(
  trx: Transaction<Schema>,
  queue: JobQueue,
  before: SourceServerRow,
  now: Date,
): Promise<void> {
  if (before.desired === 'STOPPED' || before.desired === 'DISCONNECTED') return
  const sourceServerID = before.source_server_id
  await trx.deleteFrom('points').where('source_server_id', '=', sourceServerID).execute()
  await trx.deleteFrom('pins').where('source_server_id', '=', sourceServerID).execute()
  const error = 'Replication of the server was ended'
  const outcome = JSON.stringify({ ok: false, error })
  await trx
    .updateTable('agent_commands')
    .set({ finished_at: now, outcome })
    .where('source_server_id', '=', sourceServerID)
    .where('finished_at', 'is', null)
    .execute()
  // Volumes that are not there yet must not come after the job has removed them.
  await withdrawVolumes(trx, sourceServerID, error, now)
  await createJob(trx, queue, {
    kind: 'RELEASE',
    initiatedBy: null,
    sourceServerIDs: [sourceServerID],
    tags: {},
    now,
  })
}
