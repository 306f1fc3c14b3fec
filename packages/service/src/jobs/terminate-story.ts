import { removeInstances } from './remove-instances.ts'
import type { Step, Story } from './story.ts'

/** TerminateTargetInstances. */
const terminate: Step = {
  ...removeInstances,
  async settle(trx, context, result) {
    await removeInstances.settle?.(trx, context, result)
    const { job, sourceServerID, plan } = context
    const { instanceIDs } = plan as { instanceIDs: string[] }
    await trx
      .updateTable('job_servers')
      .set({ launch_status: 'TERMINATED', instance_id: instanceIDs[0] ?? null })
      .where('job_id', '=', job.job_id)
      .where('source_server_id', '=', sourceServerID)
      .execute()
  },
}

export const terminateStory: Story = {
  logged: true,
  steps: [terminate],
  async giveUp({ world, job, sourceServerID }) {
    await world.db
      .updateTable('job_servers')
      .set({ launch_status: 'FAILED' })
      .where('job_id', '=', job.job_id)
      .where('source_server_id', '=', sourceServerID)
      .execute()
  },
}
