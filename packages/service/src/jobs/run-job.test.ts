import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryProvider } from '@landfall/launch'
import type { StagingCommand } from '@landfall/model'
import { createTestService, type JobView, type TestService } from '../test-service.ts'

async function startTest(service: TestService, ...sourceServerIDs: string[]): Promise<string> {
  const { job } = await service.call<{ job: JobView }>('StartTest', { sourceServerIDs })
  return job.jobID
}

async function readJob(service: TestService, jobID: string): Promise<JobView> {
  const filters = { jobIDs: [jobID] }
  const { items } = await service.call<{ items: JobView[] }>('DescribeJobs', { filters })
  assert.ok(items[0])
  return items[0]
}

interface LogItem {
  readonly event: string
  readonly eventData: Record<string, unknown>
}

async function readLog(service: TestService, jobID: string): Promise<LogItem[]> {
  return (await service.call<{ items: LogItem[] }>('DescribeJobLogItems', { jobID })).items
}

test('each event of a launch names its server and what it is about', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const jobID = await startTest(service, id)
  await service.runJobs()
  const { launchedInstance } = await service.server(id)
  const attempts = { attemptCount: 1, maxAttemptsCount: 2 }
  const conversion = {
    sourceServerID: id,
    conversionServerID: 'i-00000000000000001',
    ...attempts,
  }
  assert.deepEqual(
    (await readLog(service, jobID)).map((item) => [item.event, item.eventData]),
    [
      ['JOB_START', {}],
      ['SNAPSHOT_START', { sourceServerID: id }],
      ['SNAPSHOT_END', { sourceServerID: id }],
      ['CONVERSION_START', conversion],
      ['CONVERSION_END', conversion],
      ['LAUNCH_START', { sourceServerID: id, targetInstanceID: launchedInstance?.ec2InstanceID }],
      ['JOB_END', {}],
    ],
  )
})

test('the servers of a job are independent: one fails, the other is launched', async (t) => {
  const service = await createTestService(t)
  const good = await service.readyServer()
  const bad = await service.readyServer()
  const jobID = await startTest(service, good, bad)
  const fail = (command: StagingCommand) =>
    command.type === 'CONVERT' && command.sourceServerID === bad ? 'no kernel found' : undefined
  await service.runJobs({ fail })

  const job = await readJob(service, jobID)
  assert.equal(job.status, 'COMPLETED')
  const statuses = job.participatingServers.map((one) => [one.sourceServerID, one.launchStatus])
  assert.deepEqual(Object.fromEntries(statuses), { [good]: 'LAUNCHED', [bad]: 'FAILED' })
  const log = (await readLog(service, jobID)).filter(
    (item) => item.eventData.sourceServerID === bad,
  )
  assert.deepEqual(
    log.map((item) => [item.event, item.eventData.attemptCount, item.eventData.rawError]),
    [
      ['SNAPSHOT_START', undefined, undefined],
      ['SNAPSHOT_END', undefined, undefined],
      ['CONVERSION_START', 1, undefined],
      ['CONVERSION_FAIL', 1, 'no kernel found'],
      ['CONVERSION_START', 2, undefined],
      ['CONVERSION_FAIL', 2, 'no kernel found'],
      ['LAUNCH_FAILED', undefined, 'no kernel found'],
    ],
  )
  assert.equal((await service.server(bad)).launchedInstance, undefined)
  assert.equal((await service.dependencies.provider.list()).length, 1)
})

test('a second conversion that succeeds is as good as a first', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const jobID = await startTest(service, id)
  let conversions = 0
  const done: string[] = []
  await service.runJobs({
    fail(command) {
      done.push(command.type)
      return command.type === 'CONVERT' && ++conversions === 1 ? 'out of memory' : undefined
    },
  })
  assert.equal((await readJob(service, jobID)).participatingServers[0]?.launchStatus, 'LAUNCHED')
  assert.deepEqual(done, ['CONVERT', 'DISCARD_CONVERSION', 'CONVERT'])
})

test('where no fresh point can be had the last one is launched, and the log says so', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const points = await service.call<{ points: { id: string }[] }>('ListPoints', {
    sourceServerID: id,
  })
  const jobID = await startTest(service, id)
  await service.call('PauseReplication', { sourceServerID: id })
  let converted = ''
  await service.runJobs({
    fail(command) {
      if (command.type === 'CONVERT') converted = command.pointID
      return undefined
    },
  })
  assert.deepEqual((await service.jobLog(jobID)).slice(1, 4), [
    'SNAPSHOT_START',
    'SNAPSHOT_FAIL',
    'USING_PREVIOUS_SNAPSHOT',
  ])
  assert.equal(converted, points.points[0]?.id)
})

test('a point that does not come in time is given up', async (t) => {
  const service = await createTestService(t, { timing: { pointDeadlineMs: 1, recheckMs: 1 } })
  const id = await service.readyServer()
  const jobID = await startTest(service, id)
  await service.runJobs({
    // The agent has no chance before the deadline: its command is withdrawn.
    checkpoint: (name) => {
      if (name === 'SNAPSHOT 1 started') service.later(1000)
    },
  })
  assert.ok((await service.jobLog(jobID)).includes('USING_PREVIOUS_SNAPSHOT'))
  assert.deepEqual((await service.pollAgent(id)).commands, [])
})

test('an instance that cannot be launched leaves nothing behind', async (t) => {
  const provider = new MemoryProvider()
  provider.launch = () => Promise.reject(new Error('no such machine type'))
  const service = await createTestService(t, { provider })
  const id = await service.readyServer()
  const jobID = await startTest(service, id)
  const discarded: string[] = []
  await service.runJobs({
    fail(command) {
      if (command.type === 'DISCARD_CONVERSION') discarded.push(command.instanceID)
      return undefined
    },
  })
  const log = await readLog(service, jobID)
  assert.deepEqual(
    log.slice(-3).map((item) => item.event),
    ['LAUNCH_START', 'LAUNCH_FAILED', 'JOB_END'],
  )
  const failed = log.at(-2)
  assert.equal(failed?.eventData.rawError, 'no such machine type')
  for (const { commands } of [await service.pollStaging()]) {
    for (const command of commands) {
      if (command.type === 'DISCARD_CONVERSION') discarded.push(command.instanceID)
    }
  }
  assert.deepEqual(discarded, [failed?.eventData.targetInstanceID])
})

test('launch settings decide the type, the start and the tags', async (t) => {
  const service = await createTestService(t)
  const provider = service.dependencies.provider as MemoryProvider
  const id = await service.readyServer({ tags: { Name: 'shop', team: 'a' } })
  await startTest(service, id)
  await service.runJobs()
  const [first] = [...provider.plans.values()]
  assert.equal(first?.instanceType, 'c5.large')
  assert.equal(first?.name, 'shop')
  assert.deepEqual(first?.tags, { Name: 'shop' })
  assert.equal(first?.start, true)
  assert.deepEqual(
    first?.disks.map((disk) => disk.deviceName),
    ['/dev/sda', '/dev/sdb'],
  )

  await service.call('UpdateLaunchConfiguration', {
    sourceServerID: id,
    launchDisposition: 'STOPPED',
    targetInstanceTypeRightSizingMethod: 'NONE',
    copyTags: true,
  })
  await startTest(service, id)
  await service.runJobs()
  const [second] = [...provider.plans.values()]
  assert.equal(second?.instanceType, 't3.small')
  assert.deepEqual(second?.tags, { Name: 'shop', team: 'a' })
  assert.equal(second?.start, false)
  assert.equal((await service.server(id)).launchedInstance?.firstBoot, 'STOPPED')
})
