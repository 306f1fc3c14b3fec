import { newId, type JobInitiatedBy, type LifecycleEvent } from '@landfall/model'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { createJob } from '../jobs/create-job.ts'
import type { JobKind } from '../jobs/tables.ts'
import { viewJobs } from '../jobs/views.ts'
import { changeAll } from './change-all.ts'
import { changeLifecycle, type LifecycleChanged } from './change-lifecycle.ts'
import { serverConflict } from './server-conflict.ts'

interface ServersInput {
  readonly sourceServerIDs: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
}

interface JobRequest {
  readonly event: LifecycleEvent
  readonly kind: JobKind
  readonly initiatedBy: JobInitiatedBy
  /** A further condition for each server; throws `conflict`. */
  readonly check?: (changed: LifecycleChanged) => void
}

/** The calls that make a job for several servers: all of them, or none and a list of reasons. */
export function launchOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, jobs } = dependencies
  const operation = (request: JobRequest) => async (input: ServersInput, context: CallContext) => {
    const job = await db.transaction().execute(async (trx) => {
      const jobID = newId('job')
      const sourceServerIDs = [...new Set(input.sourceServerIDs)]
      await changeAll(trx, sourceServerIDs, async (sourceServerID) => {
        const { event } = request
        const { timing } = dependencies
        const now = context.now()
        const change = { sourceServerID, event, jobID, now, timing }
        const changed = await changeLifecycle(trx, change)
        request.check?.(changed)
      })
      const { kind, initiatedBy } = request
      const { tags = {} } = input
      const now = context.now()
      return createJob(trx, jobs, { kind, initiatedBy, sourceServerIDs, tags, jobID, now })
    })
    jobs.wake()
    const [view] = await viewJobs(db, [job], context)
    return { job: view }
  }
  return {
    mgn: {
      StartTest: operation({ event: 'StartTest', kind: 'LAUNCH', initiatedBy: 'START_TEST' }),
      StartCutover: operation({
        event: 'StartCutover',
        kind: 'LAUNCH',
        initiatedBy: 'START_CUTOVER',
      }),
      TerminateTargetInstances: operation({
        event: 'TerminateTargetInstances',
        kind: 'TERMINATE',
        initiatedBy: 'TERMINATE',
        check({ after }) {
          if (after.instance_id !== null) return
          throw serverConflict(after.source_server_id, 'NO_INSTANCE', 'has no launched instance')
        },
      }),
    },
  }
}
