import type { Provider } from '@landfall/launch'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { OperationDependencies } from '../dependencies.ts'
import type { OperationGroup } from '../http/operation.ts'
import type { InstanceRow, InstanceState } from '../instances/tables.ts'
import { hindranceOf, openJobsOf } from '../jobs/open-jobs.ts'
import { discardConversion } from '../jobs/remove-instances.ts'
import { Ec2Error } from './ec2-error.ts'
import { lockInstance, stateOf, stateView, type Ec2State } from './instances.ts'

interface Input {
  readonly InstanceIds: readonly string[]
}

interface Change {
  readonly row: InstanceRow
  readonly before: Ec2State
  readonly after: Ec2State
}

/** Does something to an instance that is there, and says what it records of its state then. */
type Action = (instanceID: string, trx: Transaction<Schema>) => Promise<InstanceState | undefined>

/** Starting, stopping and ending launched instances. */
export function ec2PowerOperations(dependencies: OperationDependencies): OperationGroup {
  const { db, provider } = dependencies

  /** One instance after the other, each by itself: as with EC2, those before a failure are done. */
  async function each(input: Input, act: Action): Promise<readonly Change[]> {
    const changes: Change[] = []
    for (const id of new Set(input.InstanceIds)) {
      changes.push(await db.transaction().execute((trx) => changeOne(provider, trx, id, act)))
    }
    return changes
  }

  return {
    ec2: {
      async StartInstances(input: Input) {
        const changes = await each(input, async (id, trx) => {
          await provider.start(id)
          // One that was launched stopped boots for the first time, and is watched from now on.
          await trx
            .updateTable('instances')
            .set({ first_boot: 'WAITING' })
            .where('instance_id', '=', id)
            .where('first_boot', '=', 'STOPPED')
            .execute()
          return 'RUNNING'
        })
        return { StartingInstances: changes.map(viewChange) }
      },

      /** A guest that does not shut down when asked to goes on; `Force` cuts its power. */
      async StopInstances(input: Input & { readonly Force?: boolean }) {
        const { Force: isForced = false } = input
        const changes = await each(input, async (id) => {
          await provider.stop(id, { isForced })
          return 'STOPPED'
        })
        const asked = changes.map((change) =>
          change.after === 'running' ? { ...change, after: 'stopping' as const } : change,
        )
        return { StoppingInstances: asked.map(viewChange) }
      },

      async RebootInstances(input: Input) {
        await each(input, async (id) => {
          await provider.reboot(id)
          return undefined
        })
        return {}
      },

      /** Ends instances and deletes their disks, unless they are protected. */
      async TerminateInstances(input: Input) {
        for (const id of input.InstanceIds) {
          await db.transaction().execute(async (trx) => refuseProtected(trx, id))
        }
        const changes = await each(input, async (id, trx) => {
          await provider.terminate(id)
          await discardConversion({ world: { ...dependencies, db: trx } }, id)
          await trx
            .updateTable('source_servers')
            .set({ instance_id: null })
            .where('instance_id', '=', id)
            .execute()
          return 'TERMINATED'
        })
        return { TerminatingInstances: changes.map(viewChange) }
      },
    },
  }
}

/** What the instance was and is, around what is done to it. */
async function changeOne(
  provider: Provider,
  trx: Transaction<Schema>,
  id: string,
  act: Action,
): Promise<Change> {
  const row = await lockInstance(trx, id)
  const before = await stateOf(provider, row)
  if (before === 'pending' || before === 'terminated') {
    throw new Ec2Error('IncorrectInstanceState', `The instance '${id}' is ${before}.`)
  }
  const state = await act(id, trx)
  if (state !== undefined) {
    await trx.updateTable('instances').set({ state }).where('instance_id', '=', id).execute()
  }
  return {
    row,
    before,
    after: state === 'TERMINATED' ? 'terminated' : await stateOf(provider, row),
  }
}

async function refuseProtected(trx: Transaction<Schema>, id: string) {
  const { source_server_id: server, is_protected: isProtected } = await lockInstance(trx, id)
  const openJobs = async () => (await openJobsOf(trx, [server])).get(server) ?? []
  const job = await hindranceOf('TerminateTargetInstances', openJobs)
  if (job !== undefined) throw new Ec2Error('IncorrectInstanceState', `The server of ${id} ${job}.`)
  if (!isProtected) return
  throw new Ec2Error(
    'OperationNotPermitted',
    `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance ` +
      'attribute and try again.',
  )
}

function viewChange({ row, before, after }: Change): object {
  return {
    InstanceId: row.instance_id,
    PreviousState: stateView(before),
    CurrentState: stateView(after),
  }
}
