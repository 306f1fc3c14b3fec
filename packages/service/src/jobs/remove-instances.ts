import { LandfallError } from '@landfall/model'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { STAGING_KEY } from '../channel/notifier.ts'
import { addStagingCommand } from '../channel/staging-commands.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { BeforeStep, Step, StepContext } from './story.ts'
import type { JobRow } from './tables.ts'

/**
 * The step that removes a server's instance of an earlier job, and what jobs that failed have left.
 * An instance that the server has left behind (it was disconnected and came again) is none of them.
 */
export const removeInstances: Step = {
  name: 'CLEANUP',
  attemptsMax: 1,
  events: { start: 'CLEANUP_START', end: 'CLEANUP_END', fail: 'CLEANUP_FAIL' },

  async prepare(trx, context) {
    const earlier = await findEarlier(trx, context)
    const instanceIDs = earlier.map((instance) => instance.instance_id)
    const [targetInstanceID] = instanceIDs
    return { plan: { instanceIDs }, ...(targetInstanceID && { data: { targetInstanceID } }) }
  },

  async run(context) {
    const instanceIDs = planned(context)
    await refuseProtected(context.world.db, instanceIDs)
    for (const instanceID of instanceIDs) {
      await context.world.provider.terminate(instanceID)
      await discardConversion(context, instanceID)
    }
    return {}
  },

  async settle(trx, context) {
    const instanceIDs = planned(context)
    if (instanceIDs.length === 0) return
    await trx
      .updateTable('instances')
      .set({ state: 'TERMINATED' })
      .where('instance_id', 'in', instanceIDs)
      .execute()
    await trx
      .updateTable('source_servers')
      .set({ instance_id: null })
      .where('source_server_id', '=', context.sourceServerID)
      .where('instance_id', 'in', instanceIDs)
      .execute()
  },
}

/** The same, where there is something to remove. */
export const removeEarlierInstances: Step = {
  ...removeInstances,
  async needed(context) {
    const earlier = await findEarlier(context.world.db, context)
    return earlier.length > 0
  },
}

/**
 * Tells the staging area that an instance's layers are no longer needed. Kept until it has heard.
 */
export async function discardConversion(
  { world }: Pick<BeforeStep, 'world'>,
  instanceID: string,
): Promise<void> {
  await addStagingCommand(world.db, {
    key: `discard ${instanceID}`,
    request: { type: 'DISCARD_CONVERSION', instanceID },
    now: world.now(),
  })
  world.notifier.notify(STAGING_KEY)
}

/** `conflict` where termination protection keeps one of them: then none is removed. */
async function refuseProtected(db: BeforeStep['world']['db'], instanceIDs: readonly string[]) {
  if (instanceIDs.length === 0) return
  const instance = await db
    .selectFrom('instances')
    .select('instance_id')
    .where('instance_id', 'in', instanceIDs)
    .where('is_protected', '=', true)
    .executeTakeFirst()
  if (instance !== undefined) throw new LandfallError('conflict', protectionText(instance))
}

/** Why a protected instance is not removed, and what an operator can do. */
export function protectionText({ instance_id: id }: Pick<InstanceRow, 'instance_id'>): string {
  return (
    `Instance ${id} has termination protection, so it is not removed. Switch the protection off ` +
    `(aws ec2 modify-instance-attribute --instance-id ${id} ` +
    '--no-disable-api-termination) and try again.'
  )
}

function planned({ plan }: StepContext): readonly string[] {
  return (plan as { instanceIDs: string[] }).instanceIDs
}

/** What a job of the server would remove first; without a job, what the next one would. */
export async function findEarlier(
  db: Transaction<Schema> | BeforeStep['world']['db'],
  {
    job,
    sourceServerID,
  }: { readonly job?: Pick<JobRow, 'job_id'>; readonly sourceServerID: string },
): Promise<Pick<InstanceRow, 'instance_id' | 'is_protected'>[]> {
  return db
    .selectFrom('instances')
    .leftJoin('source_servers', 'source_servers.instance_id', 'instances.instance_id')
    .select(['instances.instance_id', 'instances.is_protected'])
    .where('instances.source_server_id', '=', sourceServerID)
    .where('instances.job_id', '<>', job?.job_id ?? '')
    .where('instances.state', '<>', 'TERMINATED')
    .where((where) =>
      where.or([
        where('source_servers.source_server_id', 'is not', null),
        where('instances.state', '=', 'PENDING'),
      ]),
    )
    .orderBy('instances.created_at')
    .execute()
}
