import { LandfallError, newId, type JobInitiatedBy, type LifecycleEvent } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { CallContext, OperationGroup } from '../http/operation.ts'
import { createJob } from '../jobs/create-job.ts'
import type { JobKind } from '../jobs/tables.ts'
import { viewJobs } from '../jobs/views.ts'
import { changeLifecycle, serverConflict, type LifecycleChanged } from './change-lifecycle.ts'

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

/**
 * Changes each server, and when any cannot be changed throws one `conflict` that lists them all.
 * Always in the order of the IDs: two calls that lock the same servers must not wait for each
 * other.
 */
async function changeAll(
  trx: Transaction<Schema>,
  ids: readonly string[],
  change: (sourceServerID: string) => Promise<void>,
): Promise<void> {
  await lockInOrder(trx, ids)
  const errors = []
  for (const id of ids.toSorted()) {
    try {
      await change(id)
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error
      errors.push(listedError(error, id))
    }
  }
  if (errors.length === 0) return
  const message =
    errors.length === 1 && errors[0] !== undefined
      ? errors[0].message
      : `${errors.length} of ${ids.length} source servers cannot do this: ${errors.map((one) => one.message).join('; ')}`
  throw new LandfallError('conflict', message, { errors })
}

async function lockInOrder(trx: Transaction<Schema>, ids: readonly string[]) {
  await trx
    .selectFrom('source_servers')
    .select('source_server_id')
    .where('source_server_id', 'in', ids)
    .orderBy('source_server_id')
    .forUpdate()
    .execute()
}

/** These calls declare no ResourceNotFoundException, so an unknown ID is one of the conflicts. */
function listedError(error: LandfallError, resourceId: string) {
  const [known] = error.details.errors ?? []
  const code = error.code === 'not_found' ? 'NOT_FOUND' : (known?.code ?? 'CONFLICT')
  return { resourceId, resourceType: 'SourceServer', code, message: error.message }
}
