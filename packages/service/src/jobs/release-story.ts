import { resultFromStaging } from '../channel/await-staging.ts'
import type { InstanceRow } from '../instances/tables.ts'
import type { BeforeStep, Step, Story } from './story.ts'

/** Makes launched instances stand on disks of their own. Nothing is deleted before this is done. */
const makeIndependent: Step = {
  name: 'INDEPENDENCE',
  async run(context) {
    const { world, signal } = context
    for (const instance of await readInstances(context)) {
      const { instance_id: instanceID } = instance
      if (instance.state === 'PENDING' || instance.independent_at !== null) continue
      // Nobody waits for it: its job finds it gone, and ends.
      if (instance.purpose === 'REHEARSAL') {
        await world.provider.terminate(instanceID)
        continue
      }
      // Removed behind our back: there is nothing to keep.
      if ((await world.provider.describe(instanceID)).state === 'terminated') continue
      const onProgress = () => {}
      const disks = await world.provider.makeIndependent(instanceID, { signal, onProgress })
      await world.db
        .updateTable('instances')
        .set({ independent_at: world.now(), disks: JSON.stringify(disks) })
        .where('instance_id', '=', instanceID)
        .execute()
    }
    return {}
  },
}

/** Unpins what conversions hold. Their instances live on, or have never run. */
const discardConversions: Step = {
  name: 'DISCARD',
  async run(context) {
    const { world, job, signal } = context
    for (const { instance_id: instanceID } of await readInstances(context)) {
      await resultFromStaging(world, {
        key: `discard ${instanceID} ${job.job_id}`,
        request: { type: 'DISCARD_CONVERSION', instanceID },
        timeoutMs: world.timing.stagingDeadlineMs,
        signal,
      })
    }
    return {}
  },
}

const deleteVolumes: Step = {
  name: 'DELETE_VOLUMES',
  async run({ world, job, sourceServerID, signal }) {
    return resultFromStaging(world, {
      key: `delete volumes ${sourceServerID} ${job.job_id}`,
      request: { type: 'DELETE_VOLUMES', sourceServerID },
      timeoutMs: world.timing.stagingDeadlineMs,
      signal,
    })
  },
}

/** Gives back the staging area of a server that no longer replicates. Tried until it succeeds. */
export const releaseStory: Story = {
  logged: false,
  steps: [makeIndependent, discardConversions, deleteVolumes],
  giveUp: () => Promise.reject(new Error('a step of a release does not fail, it is tried again')),
}

function readInstances({ world, sourceServerID }: BeforeStep): Promise<InstanceRow[]> {
  return world.db
    .selectFrom('instances')
    .selectAll()
    .where('source_server_id', '=', sourceServerID)
    .where('state', '<>', 'TERMINATED')
    .orderBy('created_at')
    .execute()
}
