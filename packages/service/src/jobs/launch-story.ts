import type { LaunchPlan } from '@landfall/launch'
import { LandfallError, newId } from '@landfall/model'
import { callStaging } from '../channel/await-staging.ts'
import { agentKey, pointKey } from '../channel/notifier.ts'
import { withdrawStagingCommand } from '../channel/staging-commands.ts'
import { emitLaunchResult } from '../events/emit.ts'
import type { InstanceDisk } from '../instances/tables.ts'
import { planActions } from '../post-launch-actions/planned-actions.ts'
import { newestPoint, POINT_LATE, pointFailed, requestPoint } from '../points/points.ts'
import type { InstanceNetworkPlan } from '../networks/network-plans.ts'
import { readServerToLaunch } from '../source-servers/launch-settings.ts'
import { lockServer, readServer } from '../source-servers/records.ts'
import { conversionPlan, planOrRefusal } from './conversion-plan.ts'
import { removeEarlierInstances } from './remove-instances.ts'
import { failLaunch } from './fail-launch.ts'
import { planLaunch, requirePlan, type PlannedLaunch } from './launch-plan.ts'
import type { Step, StepContext, Story } from './story.ts'
import { purposeOf } from './tables.ts'

/** MGN tries a conversion again; how often is not published. */
const CONVERSION_ATTEMPTS_MAX = 2

/** Of a conversion that an earlier version began: the next attempt plans it. */
const NOT_PLANNED = 'The network was not planned'

/** Refuses what cannot be launched before anything is removed, copied or converted for it. */
export const checkPlan: Step = {
  name: 'PLAN',
  attemptsMax: 1,
  async run({ world, job, sourceServerID }) {
    requirePlan(await planLaunch(world, sourceServerID, { purpose: purposeOf(job) }))
    return {}
  },
}

/** Takes a fresh point. Where that fails the newest that is kept serves, and the log says so. */
const takePoint: Step = {
  name: 'SNAPSHOT',
  attemptsMax: 1,
  events: { start: 'SNAPSHOT_START', end: 'SNAPSHOT_END', fail: 'SNAPSHOT_FAIL' },

  async prepare() {
    return { plan: { pointID: newId('point') } }
  },

  async run({ world, sourceServerID, plan, startedAt, signal }) {
    const { pointID } = plan as { pointID: string }
    const { db, notifier, timing } = world
    await db.transaction().execute(async (trx) => {
      const server = await lockServer(trx, sourceServerID)
      if (server.desired !== 'REPLICATING') {
        throw new LandfallError('conflict', `Data replication is ${server.desired}`)
      }
      const reason = 'LAUNCH'
      await requestPoint(trx, { sourceServerID, pointID, reason, now: world.now() })
    })
    notifier.notify(agentKey(sourceServerID))
    const look = async () => {
      const point = await db
        .selectFrom('points')
        .select(['state', 'error'])
        .where('point_id', '=', pointID)
        .executeTakeFirstOrThrow()
      return point.state === 'REQUESTED' ? undefined : point
    }
    const timeoutMs = startedAt.getTime() + timing.pointDeadlineMs - world.now().getTime()
    const options = { timeoutMs, recheckMs: timing.recheckMs, signal }
    const point = await notifier.until(pointKey(pointID), look, options)
    if (point === undefined) {
      await db.transaction().execute(async (trx) => {
        await lockServer(trx, sourceServerID)
        await pointFailed(trx, { sourceServerID, pointID }, POINT_LATE, world.now())
      })
      throw new LandfallError('unavailable', POINT_LATE)
    }
    if (point.state === 'FAILED') {
      throw new LandfallError('unavailable', point.error ?? 'The point could not be made')
    }
    return { pointID }
  },

  async rescue(trx, { sourceServerID }) {
    // Retention, which has the lock too, sees what this transaction records of the choice.
    await lockServer(trx, sourceServerID)
    const point = await newestPoint(trx, sourceServerID)
    if (point === undefined) return undefined
    return { event: 'USING_PREVIOUS_SNAPSHOT', result: { pointID: point.point_id } }
  },
}

/** Makes a bootable copy of the point. The instance's ID is chosen here, before anything exists. */
export const convert: Step = {
  name: 'CONVERSION',
  attemptsMax: CONVERSION_ATTEMPTS_MAX,
  events: { start: 'CONVERSION_START', end: 'CONVERSION_END', fail: 'CONVERSION_FAIL' },

  async prepare(trx, { world, job, sourceServerID, results }) {
    const purpose = purposeOf(job)
    const { pointID } = results.get('SNAPSHOT') as { pointID: string }
    await trx
      .insertInto('instances')
      .values({
        instance_id: newId('instance'),
        source_server_id: sourceServerID,
        job_id: job.job_id,
        purpose,
        state: 'PENDING',
        first_boot: 'WAITING',
        disks: JSON.stringify([]),
        created_at: world.now(),
        point_taken_at: (build) =>
          build.selectFrom('points').select('taken_at').where('point_id', '=', pointID),
      })
      .onConflict((conflict) => conflict.columns(['job_id', 'source_server_id']).doNothing())
      .execute()
    const { instance_id: instanceID } = await trx
      .selectFrom('instances')
      .select('instance_id')
      .where('job_id', '=', job.job_id)
      .where('source_server_id', '=', sourceServerID)
      .executeTakeFirstOrThrow()
    const { replicator_id: conversionServerID } = await lockServer(trx, sourceServerID)
    // Both the guest and its machine go by it, whatever the settings are when they are made.
    const server = await readServerToLaunch(trx, sourceServerID)
    const network = planOrRefusal(world.networks, server, purpose)
    return {
      plan: { instanceID, ...network },
      ...(conversionServerID && { data: { conversionServerID } }),
    }
  },

  async run(context) {
    const { world, job, sourceServerID, attempt, plan, startedAt, signal } = context
    const { instanceID, network, refusal } = plan as PlannedConversion
    if (network === undefined) throw new LandfallError('validation', refusal ?? NOT_PLANNED)
    const { pointID } = context.results.get('SNAPSHOT') as { pointID: string }
    const key = `convert ${job.job_id} ${sourceServerID} ${attempt}`
    const { conversionDeadlineMs } = world.timing
    const outcome = await callStaging(world, {
      key,
      request: {
        type: 'CONVERT',
        sourceServerID,
        pointID,
        instanceID,
        plan: conversionPlan(world, instanceID, network),
      },
      timeoutMs: startedAt.getTime() + conversionDeadlineMs - world.now().getTime(),
      signal,
    })
    if (outcome?.ok) return { instanceID, network, disks: disksOf(outcome.result) }
    const error = outcome?.error ?? 'The conversion did not end in time'
    await withdrawStagingCommand(world.db, key, error, world.now())
    await discardAttempt(context, instanceID)
    throw new LandfallError('unavailable', error)
  },

  async settle(trx, _, result) {
    const { instanceID, disks, network } = result as Converted
    await trx
      .updateTable('instances')
      .set({ disks: JSON.stringify(disks), network: JSON.stringify(network) })
      .where('instance_id', '=', instanceID)
      .execute()
  },
}

/**
 * Launches the instance by the launch settings as they are now. Its first boot is not waited for.
 */
const launch: Step = {
  name: 'LAUNCH',
  attemptsMax: 1,
  events: { start: 'LAUNCH_START', fail: 'LAUNCH_FAILED' },

  async prepare(_, { results }) {
    const { instanceID } = results.get('CONVERSION') as Converted
    return { plan: { instanceID }, data: { targetInstanceID: instanceID } }
  },

  async run({ world, results, sourceServerID, signal }) {
    const converted = results.get('CONVERSION') as Converted
    const planned = await planLaunch(world, sourceServerID, converted)
    const plan = requirePlan(planned)
    await world.provider.launch(plan, signal)
    const { start: started, instanceType, tags, firmware } = plan
    const { isProtected, notes } = planned
    return { started, instanceType, tags, firmware, isProtected, notes } satisfies Launched
  },

  async settle(trx, { world, job, sourceServerID, plan }, result) {
    const { instanceID } = plan as { instanceID: string }
    const { started, instanceType, tags, firmware, isProtected, notes } = result as Launched
    await trx
      .updateTable('instances')
      .set({
        state: started ? 'RUNNING' : 'STOPPED',
        instance_type: instanceType,
        tags: JSON.stringify(tags),
        firmware,
        is_protected: isProtected,
        notes: JSON.stringify(notes),
      })
      .where('instance_id', '=', instanceID)
      .execute()
    // An instance may report its first boot before we have recorded that it was launched.
    if (!started) {
      await trx
        .updateTable('instances')
        .set({ first_boot: 'STOPPED' })
        .where('instance_id', '=', instanceID)
        .where('first_boot', '=', 'WAITING')
        .execute()
    }
    await trx
      .updateTable('source_servers')
      .set({ instance_id: instanceID })
      .where('source_server_id', '=', sourceServerID)
      .execute()
    await trx
      .updateTable('job_servers')
      .set({ launch_status: 'LAUNCHED', instance_id: instanceID })
      .where('job_id', '=', job.job_id)
      .where('source_server_id', '=', sourceServerID)
      .execute()
    const server = await readServer(trx, sourceServerID)
    await planActions(trx, server, { instanceID, purpose: purposeOf(job) })
    await emitLaunchResult(trx, { job, sourceServerID, succeeded: true }, world.now())
  },
}

/** StartTest and StartCutover: steps C and D of the service's picture. */
export const launchStory: Story = {
  logged: true,
  steps: [checkPlan, removeEarlierInstances, takePoint, convert, launch],
  giveUp: failLaunch,
}

interface Launched
  extends
    Pick<LaunchPlan, 'instanceType' | 'tags' | 'firmware'>,
    Pick<PlannedLaunch, 'isProtected' | 'notes'> {
  readonly started: boolean
}

interface PlannedConversion {
  readonly instanceID: string
  readonly network?: InstanceNetworkPlan
  /** Why there is none. */
  readonly refusal?: string
}

export interface Converted {
  readonly instanceID: string
  readonly network: InstanceNetworkPlan
  readonly disks: readonly InstanceDisk[]
}

/**
 * Waits, so that a second attempt finds nothing of the first; what it cannot remove stays pinned.
 */
async function discardAttempt({ world, job, attempt, signal }: StepContext, instanceID: string) {
  await callStaging(world, {
    key: `discard ${instanceID} ${job.job_id} ${attempt}`,
    request: { type: 'DISCARD_CONVERSION', instanceID },
    timeoutMs: world.timing.stagingDeadlineMs,
    signal,
  })
}

function disksOf(result: object): readonly InstanceDisk[] {
  const { disks } = result as { disks?: readonly InstanceDisk[] }
  if (Array.isArray(disks) && disks.length > 0) return disks
  throw new LandfallError('internal', 'The conversion gave no disks')
}
