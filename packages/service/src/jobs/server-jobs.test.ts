import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService, unknownServer, type JobView } from '../test-service.ts'

test('the jobs of a server are listed as DescribeJobs lists them, the newest first', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const other = await service.readyServer()
  const jobIDs: string[] = []
  for (const sourceServerIDs of [[sourceServerID], [other], [sourceServerID, other]]) {
    const { job } = await service.call<{ job: JobView }>('StartTest', { sourceServerIDs })
    jobIDs.push(job.jobID)
    await service.runJobs()
  }
  const { items } = await service.call<{ items: JobView[] }>('ListServerJobs', { sourceServerID })
  assert.deepEqual(
    items.map(({ jobID }) => jobID),
    [jobIDs[2], jobIDs[0]],
  )
  const all = await service.call<{ items: JobView[] }>('DescribeJobs')
  assert.deepEqual(
    items,
    all.items.filter(({ jobID }) => jobID !== jobIDs[1]),
  )
  await assert.rejects(service.call('ListServerJobs', { sourceServerID: unknownServer() }), {
    code: 'not_found',
  })
})
