import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOperations } from '../operations.ts'
import { createTestService, type JobView, type TestService } from '../test-service.ts'
import { startJobs } from './start-jobs.ts'

async function jobEnds(service: TestService, jobID: string): Promise<void> {
  for (;;) {
    const log = await service.jobLog(jobID)
    if (log.at(-1) === 'JOB_END') return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a job that is asked for is run', async (t) => {
  const service = await createTestService(t)
  const { dependencies, connectionString } = service
  await using jobs = await startJobs(dependencies, { connectionString })
  Object.assign(service.operations, createOperations({ ...dependencies, jobs }))
  const id = await service.readyServer()
  const { job } = await service.call<{ job: JobView }>('StartTest', { sourceServerIDs: [id] })
  await service.working(() => jobEnds(service, job.jobID))
  assert.equal((await service.server(id)).launchedInstance?.jobID, job.jobID)
})

test('a job that was stopped in the middle goes on after the next start', async (t) => {
  const service = await createTestService(t)
  const { dependencies, connectionString } = service
  const id = await service.readyServer()
  let jobID = ''
  {
    await using jobs = await startJobs(dependencies, { connectionString })
    Object.assign(service.operations, createOperations({ ...dependencies, jobs }))
    const { job } = await service.call<{ job: JobView }>('StartTest', { sourceServerIDs: [id] })
    jobID = job.jobID
    // Nobody makes the point: the job waits for it.
    while (!(await service.jobLog(jobID)).includes('SNAPSHOT_START')) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await using _ = await startJobs(dependencies, { connectionString })
  await service.working(() => jobEnds(service, jobID))
  assert.deepEqual(await service.jobLog(jobID), [
    'JOB_START',
    'SNAPSHOT_START',
    'SNAPSHOT_END',
    'CONVERSION_START',
    'CONVERSION_END',
    'LAUNCH_START',
    'JOB_END',
  ])
})

test('a release that fails is tried again until it succeeds', async (t) => {
  const service = await createTestService(t)
  const { dependencies, connectionString } = service
  await using jobs = await startJobs(dependencies, { connectionString })
  Object.assign(service.operations, createOperations({ ...dependencies, jobs }))
  const id = await service.readyServer()
  await service.call('DisconnectFromService', { sourceServerID: id })
  let tries = 0
  const isReleased = async () => {
    const open = await service.call<{ openJobs: object[] }>('GetStatus')
    return open.openJobs.length === 0
  }
  await service.working(
    async () => {
      while (!(await isReleased())) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        jobs.wake()
      }
    },
    ({ type }) => (type === 'DELETE_VOLUMES' && ++tries === 1 ? 'layer is pinned' : undefined),
  )
  assert.equal(tries, 2)
})
