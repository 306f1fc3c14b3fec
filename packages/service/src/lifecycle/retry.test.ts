import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService, unknownServer } from '../test-service.ts'

test('a stalled initiation is tried again at once, and only once', async (t) => {
  const service = await createTestService(t)
  const id = await service.register()
  await service.stagingWorks(() => 'the disk is full')
  const info = async () => (await service.server(id)).dataReplicationInfo
  assert.equal((await info()).dataReplicationState, 'STALLED')
  assert.deepEqual(await service.stagingWorks(), [])
  service.later(1000)
  await service.call('RetryDataReplication', { sourceServerID: id })
  const again = await info()
  assert.equal(again.dataReplicationState, 'INITIATING')
  assert.equal(again.dataReplicationError, undefined)
  assert.deepEqual(
    (await service.stagingWorks()).map(({ type }) => type),
    ['CREATE_VOLUMES'],
  )
  // The attempt that had been put off was taken back.
  service.later(120_000)
  assert.deepEqual(await service.stagingWorks(), [])
  await service.pollAgent(id)
  const step = (await info()).dataReplicationInitiation.steps.find(
    ({ status }) => status === 'IN_PROGRESS',
  )
  assert.equal(step?.name, 'CONNECT_AGENT_TO_REPLICATION_SERVER')
})

test('an agent that was not seen gets its time again, and its points and lag stay', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  service.later(600_000)
  const info = async () => (await service.server(id)).dataReplicationInfo
  assert.equal((await info()).dataReplicationError?.error, 'AGENT_NOT_SEEN')
  await service.call('RetryDataReplication', { sourceServerID: id })
  assert.equal((await info()).dataReplicationState, 'INITIATING')
  assert.equal((await info()).lagDuration, 'PT10M')
  await service.stagingWorks()
  await service.report(id)
  assert.equal((await info()).dataReplicationState, 'CONTINUOUS')
  assert.equal((await info()).lagDuration, 'P0D')
})

test('what is not stalled is not tried again', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const retry = (sourceServerID: string) => service.call('RetryDataReplication', { sourceServerID })
  await assert.rejects(retry(id), { code: 'validation' })
  await service.call('PauseReplication', { sourceServerID: id })
  await assert.rejects(retry(id), { code: 'validation' })
  await service.call('StopReplication', { sourceServerID: id })
  await assert.rejects(retry(id), { code: 'validation' })
  await service.runJobs()
  await service.call('DisconnectFromService', { sourceServerID: id })
  await assert.rejects(retry(id), { code: 'validation' })
  await assert.rejects(retry(unknownServer()), { code: 'not_found' })
})
