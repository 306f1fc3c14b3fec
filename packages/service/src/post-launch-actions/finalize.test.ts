import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LandfallError } from '@landfall/model'
import { ActionStory } from './actions.fixture.ts'

const MUST = { mustSucceedForCutover: true }

test('an action that must succeed and fails blocks the cutover until it has passed', async (t) => {
  const story = await ActionStory.begin(t)
  const { sourceServerID } = story
  await story.document('Check')
  await story.document('Other')
  await story.put('Check', MUST)
  await story.put('Other')
  const instance = await story.launch('cutover', { isBooted: false })
  await assert.rejects(story.finalize(), (error: LandfallError) => {
    assert.equal(error.code, 'conflict')
    assert.match(error.message, /Check, which .* has not ended on instance/)
    return true
  })
  await instance.boot()
  await story.run(instance, () => 'Failed')
  await assert.rejects(story.finalize(), (error: Error) => {
    assert.match(error.message, new RegExp(`^Source server ${sourceServerID} must wait`))
    assert.match(error.message, new RegExp(`Check, .* failed on instance ${instance.instanceID}`))
    assert.match(error.message, /Exit status 1\. no such file/)
    assert.match(error.message, new RegExp(`landfall actions rerun ${sourceServerID} 'Check'`))
    return true
  })
  const { lifeCycle } = await story.service.server(sourceServerID)
  assert.equal(lifeCycle.state, 'CUTTING_OVER')

  await story.rerun('Check')
  await assert.rejects(story.finalize(), /has not ended/)
  assert.deepEqual(await story.run(instance), ['Check -'])
  assert.deepEqual(await story.states(), { Check: 'SUCCEEDED', Other: 'FAILED' })
  await story.finalize()
})

test('what is made inactive, removed, or need not succeed any more blocks no longer', async (t) => {
  for (const change of ['inactive', 'removed', 'optional'] as const) {
    await t.test(change, async (t2) => {
      const story = await ActionStory.begin(t2)
      const { sourceServerID } = story
      await story.document('Check')
      await story.put('Check', MUST)
      const instance = await story.launch('cutover')
      await story.run(instance, () => 'Failed')
      await assert.rejects(story.finalize(), { code: 'conflict' })
      if (change === 'inactive') await story.put('Check', { ...MUST, active: false })
      if (change === 'optional') await story.put('Check')
      if (change === 'removed') {
        const removed = { sourceServerID, actionID: 'Check' }
        await story.service.call('RemoveSourceServerAction', removed)
      }
      await story.finalize()
    })
  }
})

test('a failure on the test instance blocks nothing of the cutover', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Check')
  await story.put('Check', MUST)
  await story.run(await story.launch('test'), () => 'Failed')
  await story.run(await story.launch('cutover'))
  await story.finalize()
})

test('a test instance that is promoted runs what it has not run yet, and blocks like any other', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  await story.document('Check')
  await story.put('Check', MUST)
  const postLaunchActions = { deployment: 'CUTOVER_ONLY' }
  await service.call('UpdateLaunchConfiguration', { sourceServerID, postLaunchActions })
  const testNetwork = 'LIKE_CUTOVER'
  await service.call('UpdateNetworkSettings', { sourceServerID, testNetwork })
  const instance = await story.launch('test')
  assert.deepEqual(await story.run(instance), [])
  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
  const { point_taken_at: takenAt } = await service.dependencies.db
    .selectFrom('instances')
    .select('point_taken_at')
    .executeTakeFirstOrThrow()
  const discardSourceWritesSince = takenAt?.toISOString()
  await service.call('PromoteTestInstance', { sourceServerID, discardSourceWritesSince })
  await assert.rejects(story.finalize(), /has not ended/)
  assert.deepEqual(await story.run(instance), ['Check -'])
  await story.finalize()
})

test('what failed is run again as it is now; nothing to run, and what runs, are refused', async (t) => {
  const story = await ActionStory.begin(t)
  await assert.rejects(story.rerun(), /has no launched instance/)
  await story.document('Check')
  await story.document('New')
  await story.put('Check')
  await story.put('Other', { documentIdentifier: 'Check' })
  const instance = await story.launch('test')
  await story.look()
  await assert.rejects(story.rerun('Check'), /has not ended action Check/)
  await story.run(instance)
  await assert.rejects(story.rerun(), /has no active action that failed/)
  await assert.rejects(story.rerun('Nothing'), /no active action Nothing; it has: Check, Other/)

  await story.put('Check', { documentIdentifier: 'New' })
  await story.put('Added', { documentIdentifier: 'New' })
  const { runs } = await story.rerun('Check', 'Added')
  assert.equal(runs.find((run) => run.actionID === 'Check')?.attempt, 2)
  // The action that was put again has the next order, and the one that was added comes after it.
  assert.deepEqual(await story.run(instance), ['New -', 'New -'])
})

test('once all has succeeded and the cutover is finalised, the agent is to remove itself', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Check')
  await story.document('Other')
  await story.put('Check', MUST)
  await story.put('Other')
  const tested = await story.launch('test')
  await story.run(tested)
  assert.equal((await tested.poll()).uninstall, undefined, 'a test instance keeps its agent')
  const instance = await story.launch('cutover')
  await story.run(instance, (script) => (script.startsWith('Other') ? 'Failed' : 'Success'))
  assert.equal((await instance.poll()).uninstall, undefined, 'it is not finalised')
  await story.finalize()
  assert.equal((await instance.poll()).uninstall, undefined, 'one action has failed')
  await story.rerun('Other')
  assert.equal((await instance.poll()).uninstall, undefined, 'one action waits')
  await story.look()
  assert.equal((await instance.poll()).uninstall, undefined, 'there is something to run')
  await story.run(instance)
  assert.equal((await instance.poll()).uninstall, true)
  assert.equal((await instance.poll()).uninstall, true, 'an answer that was lost is repeated')

  assert.equal((await story.runs()).agentRemovedAt, story.service.clock.toISOString())
  await assert.rejects(story.rerun('Check'), /its agent removed itself at 2026/)
  const { InstanceInformationList: list } = await story.service.call<{
    InstanceInformationList: object[]
  }>('DescribeInstanceInformation', {})
  assert.deepEqual(list, [])
})
