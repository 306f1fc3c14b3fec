import { errorText, LandfallError } from '@landfall/model'
import { pointKey } from '../channel/notifier.ts'
import { newestPoint } from '../points/points.ts'
import { lockServer } from '../source-servers/records.ts'
import { checkPlan, convert, type Converted } from '../jobs/launch-story.ts'
import { planLaunch, requirePlan } from '../jobs/launch-plan.ts'
import { discardConversion } from '../jobs/remove-instances.ts'
import type { BeforeStep, Step, Story } from '../jobs/story.ts'
import type { RehearsalVerdict } from './tables.ts'

/** Of the console's end, as much as says why a boot stopped. */
const CONSOLE_LINES = 3

/** The newest point there is: a rehearsal asks nothing of the source. */
const choosePoint: Step = {
  name: 'SNAPSHOT',
  attemptsMax: 1,
  async prepare(trx, { sourceServerID }) {
    await lockServer(trx, sourceServerID)
    const point = await newestPoint(trx, sourceServerID)
    return { plan: point === undefined ? {} : { pointID: point.point_id } }
  },
  async run({ world, job, plan, sourceServerID }) {
    const { pointID } = plan as { pointID?: string }
    if (pointID === undefined) {
      throw new LandfallError('conflict', `Source server ${sourceServerID} has no point any more.`)
    }
    const { taken_at: takenAt } = await world.db
      .selectFrom('points')
      .select('taken_at')
      .where('point_id', '=', pointID)
      .executeTakeFirstOrThrow()
    await world.db
      .updateTable('rehearsals')
      .set({ point_id: pointID, point_taken_at: takenAt })
      .where('job_id', '=', job.job_id)
      .execute()
    return { pointID }
  },
}

/** Launches the copy by itself: the server knows nothing of it. */
const launch: Step = {
  name: 'LAUNCH',
  attemptsMax: 1,
  async run({ world, job, results, sourceServerID, signal }) {
    const converted = results.get('CONVERSION') as Converted
    const { instanceID } = converted
    const plan = requirePlan(await planLaunch(world, sourceServerID, converted))
    await world.db
      .updateTable('rehearsals')
      .set({ instance_id: instanceID })
      .where('job_id', '=', job.job_id)
      .execute()
    await world.provider.launch({ ...plan, start: true }, signal)
    const { instanceType, firmware } = plan
    return { instanceType, firmware }
  },
  async settle(trx, { results }, result) {
    const { instanceID } = results.get('CONVERSION') as Converted
    const { instanceType, firmware } = result as { instanceType: string; firmware: 'bios' | 'uefi' }
    await trx
      .updateTable('instances')
      .set({ state: 'RUNNING', instance_type: instanceType, firmware })
      .where('instance_id', '=', instanceID)
      .execute()
  },
}

/** Until its agent has reported, or was waited for long enough. */
const awaitBoot: Step = {
  name: 'BOOT',
  attemptsMax: 1,
  async run({ world, results, startedAt, signal }) {
    const { instanceID } = results.get('CONVERSION') as Converted
    const { db, notifier, timing } = world
    const look = async () => {
      const { first_boot: firstBoot } = await db
        .selectFrom('instances')
        .select('first_boot')
        .where('instance_id', '=', instanceID)
        .executeTakeFirstOrThrow()
      return firstBoot === 'SUCCEEDED' ? true : undefined
    }
    const timeoutMs = startedAt.getTime() + timing.firstBootDeadlineMs - world.now().getTime()
    const options = { timeoutMs, recheckMs: timing.recheckMs, signal }
    const booted = await notifier.until(pointKey(instanceID), look, options)
    if (booted) return { seconds: (world.now().getTime() - startedAt.getTime()) / 1000 }
    const said = (await world.provider.consoleOutput(instanceID)).trim().split('\n')
    throw new LandfallError(
      'unavailable',
      `The agent did not report within ${timing.firstBootDeadlineMs / 60_000} minutes. ` +
        `The console ends with: ${said.slice(-CONSOLE_LINES).join(' / ') || 'nothing'}`,
    )
  },
}

const remove: Step = {
  name: 'CLEANUP',
  async run(context) {
    await removeInstance(context)
    return {}
  },
  async settle(trx, { world, job, results }) {
    const { seconds } = results.get('BOOT') as { seconds: number }
    await trx
      .updateTable('rehearsals')
      .set({ ...ended('BOOTED', world.now()), booted_seconds: seconds })
      .where('job_id', '=', job.job_id)
      .execute()
  },
}

/** A launch without consequences, to see that the server would come up. */
export const rehearsalStory: Story = {
  logged: false,
  steps: [checkPlan, choosePoint, convert, launch, awaitBoot, remove],
  async giveUp(context, { error }) {
    const { world, job, sourceServerID } = context
    await removeInstance(context)
    await world.db
      .updateTable('rehearsals')
      .set({ ...ended('FAILED', world.now()), detail: error })
      .where('job_id', '=', job.job_id)
      .execute()
    await world.db
      .updateTable('job_servers')
      .set({ launch_status: 'FAILED' })
      .where('job_id', '=', job.job_id)
      .where('source_server_id', '=', sourceServerID)
      .execute()
  },
}

function ended(verdict: RehearsalVerdict, now: Date) {
  return { verdict, ended_at: now }
}

/** Nothing stays but what its screen and console showed. */
async function removeInstance(context: BeforeStep): Promise<void> {
  const { world, job, sourceServerID } = context
  const instance = await world.db
    .selectFrom('instances')
    .select('instance_id')
    .where('job_id', '=', job.job_id)
    .where('source_server_id', '=', sourceServerID)
    .executeTakeFirst()
  if (instance === undefined) return
  const { instance_id: instanceID } = instance
  try {
    await world.provider.terminate(instanceID)
  } catch (error) {
    const message = `Instance ${instanceID} of a rehearsal stays: ${errorText(error)}`
    throw new LandfallError('unavailable', message, { cause: error })
  }
  await discardConversion(context, instanceID)
  await world.db
    .updateTable('instances')
    .set({ state: 'TERMINATED' })
    .where('instance_id', '=', instanceID)
    .execute()
}
