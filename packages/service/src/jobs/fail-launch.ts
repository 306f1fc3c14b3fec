import { errorText } from '@landfall/model'
import { emitLaunchResult } from '../events/emit.ts'
import { discardConversion } from './remove-instances.ts'
import { logEvent } from './step-log.ts'
import type { Story } from './story.ts'

/**
 * Ends a launch that failed: nothing of its instance stays, and the server's points are as they
 * were. What cannot be removed now is removed by the server's next job.
 */
export const failLaunch: Story['giveUp'] = async (context, { step, error }) => {
  const { world, job, sourceServerID } = context
  const instance = await world.db
    .selectFrom('instances')
    .select('instance_id')
    .where('job_id', '=', job.job_id)
    .where('source_server_id', '=', sourceServerID)
    .executeTakeFirst()
  const instanceID = instance?.instance_id
  const removed = instanceID !== undefined && (await removeInstance())
  await world.db.transaction().execute(async (trx) => {
    if (removed) {
      await trx
        .updateTable('instances')
        .set({ state: 'TERMINATED' })
        .where('instance_id', '=', instanceID)
        .execute()
    }
    // The launch step has said so itself.
    if (step.events?.fail !== 'LAUNCH_FAILED') {
      await logEvent(trx, {
        jobID: job.job_id,
        sourceServerID,
        event: 'LAUNCH_FAILED',
        data: { ...(instanceID && { targetInstanceID: instanceID }), rawError: error },
        now: world.now(),
      })
    }
    await trx
      .updateTable('job_servers')
      .set({ launch_status: 'FAILED' })
      .where('job_id', '=', job.job_id)
      .where('source_server_id', '=', sourceServerID)
      .execute()
    await emitLaunchResult(trx, { job, sourceServerID, succeeded: false }, world.now())
  })

  async function removeInstance(): Promise<boolean> {
    if (instanceID === undefined) return false
    try {
      await world.provider.terminate(instanceID)
      await discardConversion(context, instanceID)
      return true
    } catch (failure) {
      world.log(`Instance ${instanceID} of a failed launch stays: ${errorText(failure)}`)
      return false
    }
  }
}
