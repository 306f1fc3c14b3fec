import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { TestService, type JobView } from '../test-service.ts'
import { withTestDatabase } from '../database/test-database.ts'
import { recordedProvider } from './recorded-provider.fixture.ts'

const FIXTURE = new URL('./run-and-die.fixture.ts', import.meta.url).pathname

const WHOLE_LOG = [
  'JOB_START',
  'CLEANUP_START',
  'CLEANUP_END',
  'SNAPSHOT_START',
  'SNAPSHOT_END',
  'CONVERSION_START',
  'CONVERSION_END',
  'LAUNCH_START',
  'JOB_END',
]

/** Runs a job in a process that kills itself at the checkpoint; whether it did. */
async function runAndDie(connectionString: string, jobID: string, checkpoint: string) {
  const args = [FIXTURE, connectionString, jobID, checkpoint]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal === 'SIGKILL'
}

/** A server that was tested once, so that a second test has an instance to clean up. */
async function testedServer(service: TestService): Promise<string> {
  const id = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [id] })
  await service.runJobs()
  return id
}

async function startTest(service: TestService, id: string): Promise<string> {
  const { job } = await service.call<{ job: JobView }>('StartTest', { sourceServerIDs: [id] })
  service.queued.length = 0
  return job.jobID
}

async function serviceWithRecordedProvider(t: TestContext) {
  const { db, connectionString } = await withTestDatabase(t)
  const service = new TestService({ db, provider: await recordedProvider(db) })
  await service.call('InitializeService')
  return { service, connectionString }
}

test('a service killed at any step of a launch goes on to one instance and a whole log', async (t) => {
  const { service, connectionString } = await serviceWithRecordedProvider(t)
  const id = await testedServer(service)
  const checkpoints: string[] = []
  service.queued.push(await startTest(service, id))
  await service.runJobs({ checkpoint: (name) => checkpoints.push(name) })
  assert.equal(checkpoints.length, 18)

  for (const checkpoint of checkpoints) {
    const jobID = await startTest(service, id)
    assert.ok(await runAndDie(connectionString, jobID, checkpoint), `killed at ${checkpoint}`)
    assert.ok(!(await runAndDie(connectionString, jobID, 'none')), `continued from ${checkpoint}`)

    assert.deepEqual(await service.jobLog(jobID), WHOLE_LOG, checkpoint)
    const instances = await service.dependencies.provider.list()
    const server = await service.server(id)
    assert.deepEqual(instances, [server.launchedInstance?.ec2InstanceID], checkpoint)
    assert.equal(server.launchedInstance?.jobID, jobID, checkpoint)
    const { items } = await service.call<{ items: JobView[] }>('DescribeJobs', {
      filters: { jobIDs: [jobID] },
    })
    assert.equal(items[0]?.status, 'COMPLETED', checkpoint)
    assert.deepEqual(items[0]?.participatingServers, [
      { sourceServerID: id, launchStatus: 'LAUNCHED', launchedEc2InstanceID: instances[0] },
    ])
  }
})

test('a service killed at any step of a finalised cutover keeps the instance', async (t) => {
  const { service, connectionString } = await serviceWithRecordedProvider(t)
  const { db } = service.dependencies
  const checkpoints = ['INDEPENDENCE 1 ran', 'DISCARD 1 started', 'DELETE_VOLUMES 1 ran']
  for (const checkpoint of checkpoints) {
    const id = await testedServer(service)
    const before = await service.dependencies.provider.list()
    const { launchedInstance } = await service.server(id)
    await service.call('DisconnectFromService', { sourceServerID: id })
    const [jobID = ''] = service.queued.splice(0)
    assert.ok(await runAndDie(connectionString, jobID, checkpoint), `killed at ${checkpoint}`)
    assert.ok(!(await runAndDie(connectionString, jobID, 'none')))
    assert.deepEqual(await service.dependencies.provider.list(), before)
    const instance = await db
      .selectFrom('instances')
      .select(['independent_at', 'disks'])
      .where('instance_id', '=', launchedInstance?.ec2InstanceID ?? '')
      .executeTakeFirstOrThrow()
    assert.ok(instance.independent_at)
    assert.match(instance.disks[0]?.path ?? '', /^.instances/)
    const job = await db
      .selectFrom('jobs')
      .select('status')
      .where('job_id', '=', jobID)
      .executeTakeFirstOrThrow()
    assert.equal(job.status, 'COMPLETED')
  }
})
