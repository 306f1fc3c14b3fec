import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { TestNetwork } from '../networks/tables.ts'
import { createTestService } from '../test-service.ts'

/** A server with a test instance, of which the operator said that it is good. */
async function tested(t: TestContext, testNetwork: TestNetwork = 'LIKE_CUTOVER') {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  await service.call('UpdateNetworkSettings', { sourceServerID, testNetwork })
  service.later(60_000)
  const takenAt = service.clock.toISOString()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  service.later(3_600_000)
  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
  const promote = (discardSourceWritesSince?: string) =>
    service.call('PromoteTestInstance', {
      sourceServerID,
      ...(discardSourceWritesSince && { discardSourceWritesSince }),
    })
  return { service, sourceServerID, takenAt, promote }
}

test('a tested instance is promoted, finalised, and is the same instance all along', async (t) => {
  const { service, sourceServerID, takenAt, promote } = await tested(t)
  const { provider } = service.dependencies
  const [instanceID] = await provider.list()
  const { launchedInstance } = await service.server(sourceServerID)
  await promote(takenAt)
  const { lifeCycle, ...server } = await service.server(sourceServerID)
  assert.equal(lifeCycle.state, 'CUTTING_OVER')
  assert.deepEqual(lifeCycle.lastCutover.initiated, {
    apiCallDateTime: service.clock.toISOString(),
    jobID: launchedInstance?.jobID,
  })
  assert.deepEqual(server.launchedInstance, launchedInstance)
  assert.equal((await service.pollAgent(sourceServerID)).configuration.desired, 'REPLICATING')
  const described = await service.call<{ purpose: string }>('DescribeInstance', { instanceID })
  assert.equal(described.purpose, 'CUTOVER')
  assert.deepEqual(service.queued, [])

  await service.call('FinalizeCutover', { sourceServerID })
  await service.runJobs()
  assert.deepEqual(await provider.list(), [instanceID])
  const final = await service.call<{ independent: boolean }>('DescribeInstance', { instanceID })
  assert.equal(final.independent, true)
  assert.equal((await service.server(sourceServerID)).lifeCycle.state, 'CUTOVER')
})

test('a promotion names the moment since which writes are lost, and nothing happens without it', async (t) => {
  const { service, sourceServerID, takenAt, promote } = await tested(t)
  for (const wrong of [undefined, service.clock.toISOString()]) {
    await assert.rejects(promote(wrong), (error: Error & { code: string }) => {
      assert.equal(error.code, 'validation')
      assert.match(error.message, new RegExp(`discardSourceWritesSince ${takenAt}`))
      return true
    })
  }
  assert.equal((await service.server(sourceServerID)).lifeCycle.state, 'READY_FOR_CUTOVER')
  await promote(takenAt.replace('.000Z', '+00:00'))
})

test('an instance that was tested in isolation is not promoted: it would stay there', async (t) => {
  const { promote, takenAt } = await tested(t, 'ISOLATED')
  await assert.rejects(promote(takenAt), {
    code: 'conflict',
    message: /in the network isolated.*would be in default.*--test-network like-cutover/,
  })
})

test('only a launched instance of a server that is ready for cutover is promoted', async (t) => {
  const { service, sourceServerID, takenAt, promote } = await tested(t)
  const refused = async (code: string) =>
    assert.rejects(promote(takenAt), (error: Error & { details: { errors?: object[] } }) => {
      assert.partialDeepStrictEqual(error.details.errors, [{ code }])
      return true
    })
  const to = (state: string) =>
    service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle: { state } })
  await to('READY_FOR_TEST')
  await refused('ILLEGAL_STATE')
  await to('READY_FOR_CUTOVER')
  // Removed behind Landfall's back.
  const { provider } = service.dependencies
  const [instanceID = ''] = await provider.list()
  await provider.terminate(instanceID)
  await refused('NO_INSTANCE')
  await service.call('TerminateTargetInstances', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  await refused('NO_INSTANCE')
  assert.equal((await service.server(sourceServerID)).lifeCycle.state, 'READY_FOR_CUTOVER')
})

test('a promotion that was reverted can be made again, or a cutover launched instead', async (t) => {
  const { service, sourceServerID, takenAt, promote } = await tested(t)
  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  const revert = () => service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
  await promote(takenAt)
  await revert()
  assert.ok((await service.server(sourceServerID)).lifeCycle.lastCutover.reverted)
  await promote(takenAt)
  await revert()
  const before = await service.dependencies.provider.list()
  await service.call('StartCutover', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const after = await service.dependencies.provider.list()
  assert.equal(after.length, 1)
  assert.notDeepEqual(after, before)
})
