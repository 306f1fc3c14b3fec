import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FirstBoot, type JobLogItem, LandfallError, type PointView } from '@landfall/model'
import type { ServiceClient } from '../service-client/service-client.ts'
import { describeInstance } from '../status/instance.ts'
import { getSourceServer } from '../status/source-servers.ts'
import { formatDuration } from '../table.ts'
import { askGuest } from './ask-guest.ts'
import { followJob, missionStep } from './job.ts'
import { awaitRecordsCheck, requireRecords } from './records-check.ts'
import { type Scene, present } from './scene.ts'
import { requireState } from './server-seen.ts'
import { clockLeadMax } from './source-clock.ts'
import { traffic } from './stages-replication.ts'
import type { Stage } from './story.ts'

const POLL_MS = 2_000
/**
 * The agent in the instance reports after the network is up: soon after the records were checked.
 */
const FIRST_BOOT_DEADLINE_MS = 600_000

export const LAUNCH_STAGES: readonly Stage<Scene>[] = [
  { steps: 'C-1 C-2 C-3', title: 'launch a test instance', tell: (scene) => launch(scene, 'C') },
  { steps: 'C-3', title: 'the test instance boots and checks its records', tell: check },
  { steps: '', title: 'mark the server ready for cutover', tell: markReady },
  {
    steps: 'D-1 D-2 D-3',
    title: 'launch the cutover instance',
    tell: (scene) => launch(scene, 'D'),
  },
  { steps: 'D-3', title: 'the cutover instance holds every acknowledged record', tell: check },
  { steps: 'F', title: 'finalise the cutover', tell: finalise },
  { steps: '', title: 'mark the server as archived', tell: archive },
]

async function launch(scene: Scene, letter: 'C' | 'D'): Promise<string> {
  const { context } = scene
  const client = present(scene, 'client')
  const sourceServerID = present(scene, 'sourceServerID')
  const writer = present(scene, 'writer')
  const leadMs = await clockLeadMax(present(scene, 'source'), context.signal)
  const { job } = await present(scene, 'operator')<{ job: { jobID: string } }>(
    letter === 'C' ? 'StartTest' : 'StartCutover',
    { sourceServerIDs: [sourceServerID] },
  )
  context.output.note(`      job ${job.jobID}`)
  let point: PointView | undefined
  const onItem = async (item: JobLogItem) => {
    context.output.note(`      ${missionStep(item.event, letter)}  ${itemText(item)}`)
    if (item.event === 'SNAPSHOT_END') {
      point = await newestPoint(client, sourceServerID, context.signal)
    }
  }
  scene.instanceID = await followJob(client, job.jobID, { signal: context.signal, onItem })
  await requireState(scene, letter === 'C' ? 'TESTING' : 'CUTTING_OVER')
  const takenAt = point?.takenAt
  if (point === undefined || !takenAt) {
    throw new LandfallError('internal', `Job ${job.jobID} took no fresh point.`)
  }
  // By our clock the point was taken at this moment at the earliest: the promise begins here.
  const acknowledged = writer.lastBefore(Date.parse(takenAt) - leadMs)
  scene.launch = { point, acknowledged }
  return (
    `instance ${scene.instanceID}, ${point.consistency} consistent point, frozen for ` +
    `${Math.round(point.freezeMs)} ms after record ${acknowledged}`
  )
}

function itemText({ event, eventData }: JobLogItem): string {
  const about = eventData.targetInstanceID ?? eventData.conversionServerID
  const error = eventData.rawError
  return `${event}${about === undefined ? '' : ` ${about}`}${error === undefined ? '' : `: ${error}`}`
}

async function newestPoint(client: ServiceClient, sourceServerID: string, signal: AbortSignal) {
  const { points } = await client.landfall<{ points: PointView[] }>(
    'ListPoints',
    { sourceServerID },
    signal,
  )
  // Not one made by schedule since.
  return points.findLast(({ state, reason }) => state === 'AVAILABLE' && reason === 'LAUNCH')
}

async function check(scene: Scene): Promise<string> {
  const { context } = scene
  const client = present(scene, 'client')
  const instanceID = present(scene, 'instanceID')
  const { acknowledged, point } = present(scene, 'launch')
  const { serialLogPath, screenshotPath } = await describeInstance(
    client,
    instanceID,
    context.signal,
  )
  const found = await awaitRecordsCheck(serialLogPath, {
    signal: context.signal,
    onProgress: (seconds) =>
      context.output.progress(`      booting for ${formatDuration(seconds)}`),
  })
  requireRecords(found, acknowledged)
  await awaitFirstBoot(scene)
  // Taken as long as the first boot is waited for.
  await access(screenshotPath)
  const kernel = await askGuest(scene, 'uname -r')
  scene.freezes.push(point.freezeMs)
  return (
    `${found.records} records, all whole, ${acknowledged} promised; first boot reported, ` +
    `kernel ${kernel}`
  )
}

async function awaitFirstBoot(scene: Scene): Promise<void> {
  const { context } = scene
  const deadline = Date.now() + FIRST_BOOT_DEADLINE_MS
  let firstBoot: FirstBoot | undefined
  while (Date.now() < deadline) {
    const server = await getSourceServer(
      present(scene, 'client'),
      present(scene, 'sourceServerID'),
      context.signal,
    )
    firstBoot = server.launchedInstance?.firstBoot
    if (firstBoot === 'SUCCEEDED') return
    context.output.progress(`      first boot: ${firstBoot ?? 'unknown'}`)
    await sleep(POLL_MS, undefined, { signal: context.signal })
  }
  throw new LandfallError(
    'unavailable',
    `The instance did not report its first boot: ${firstBoot}.`,
  )
}

async function markReady(scene: Scene): Promise<string> {
  await present(scene, 'operator')('ChangeServerLifeCycleState', {
    sourceServerID: present(scene, 'sourceServerID'),
    lifeCycle: { state: 'READY_FOR_CUTOVER' },
  })
  await requireState(scene, 'READY_FOR_CUTOVER')
  return 'Ready for cutover'
}

async function finalise(scene: Scene): Promise<string> {
  const client = present(scene, 'client')
  const sourceServerID = present(scene, 'sourceServerID')
  // Afterwards the agent is gone, and its figures with it.
  scene.traffic = await traffic(client, sourceServerID, scene.context.signal)
  await present(scene, 'operator')('FinalizeCutover', { sourceServerID })
  await requireState(scene, 'CUTOVER')
  return 'Cutover complete'
}

async function archive(scene: Scene): Promise<string> {
  const input = { sourceServerID: present(scene, 'sourceServerID') }
  await present(scene, 'operator')('MarkAsArchived', input)
  const { isArchived } = await requireState(scene, 'CUTOVER')
  if (isArchived === true) return 'archived'
  throw new LandfallError('internal', `${input.sourceServerID} is not archived.`)
}
