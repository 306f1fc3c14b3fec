import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { LandfallError } from '@landfall/model'
import { ImageWatch } from '../images/image-watch.ts'
import { SlowProvider } from '../images/slow-provider.fixture.ts'
import { CommandWatch } from '../ssm/command-watch.ts'
import { ActionStory } from './actions.fixture.ts'

const NAME = 'AWS-CreateImage'

/** A server whose instances make an image of themselves. */
async function begin(t: TestContext, add: object = {}) {
  const provider = new SlowProvider()
  const story = await ActionStory.begin(t, provider)
  const { service, sourceServerID } = story
  const action = { sourceServerID, name: NAME, parameters: {}, ...add }
  await service.call('AddPredefinedAction', action)
  const watch = new ImageWatch(service.dependencies)
  t.after(() => watch[Symbol.asyncDispose]())
  /** Lets the image that is copied last come about, or fail. */
  const end = async (error?: Error) => {
    await watch.look()
    const imageID = provider.begun.at(-1) ?? ''
    if (error === undefined) provider.end(imageID)
    else provider.fail(imageID, error)
    await watch.settled()
    await story.look()
    return imageID
  }
  const run = async () => (await story.runs()).runs.find(({ actionID }) => actionID === NAME)
  return { story, service, provider, watch, end, run }
}

test('the image is made after the checks, and its action has succeeded once it is available', async (t) => {
  const { story, service, provider, watch, end, run } = await begin(t)
  await story.document('Own')
  await story.put('Own')
  const { sourceServerID } = story
  const check = { sourceServerID, name: 'Landfall-VerifyTimeSync', parameters: {} }
  await service.call('AddPredefinedAction', check)
  const instance = await story.launch('test', { isBooted: false })
  await story.look()
  assert.equal((await run())?.state, 'WAITING')
  await instance.boot()
  const [script, ...others] = await story.run(instance)
  assert.match(script ?? '', /chrony/)
  assert.deepEqual(others, [], 'what comes after the image waits for it')
  // Services that were killed and started again find what is under way.
  await story.look()
  await watch.look()
  const { state, imageID, startedAt } = (await run()) ?? assert.fail()
  assert.equal(state, 'RUNNING')
  assert.deepEqual(provider.begun, [imageID])
  assert.equal(await end(), imageID)
  assert.partialDeepStrictEqual(await run(), { state: 'SUCCEEDED', imageID, startedAt })
  assert.deepEqual(await story.run(instance), ['Own -'])
  assert.ok(provider.images.has(imageID ?? ''))

  const status = await story.status()
  assert.partialDeepStrictEqual(status?.postLaunchActionsLaunchStatusList, [
    { ssmDocumentType: 'COMMAND' },
    {
      ssmDocument: { actionName: 'Create AMI from instance', ssmDocumentName: NAME },
      ssmDocumentType: 'AUTOMATION',
      executionID: imageID,
      executionStatus: 'SUCCESS',
    },
    { ssmDocumentType: 'COMMAND' },
  ])
  const { Images } = await service.call<{ Images: object[] }>('DescribeImages', {
    ImageIds: [imageID],
  })
  assert.partialDeepStrictEqual(Images, [
    {
      Name: `${instance.instanceID}_2026-01-10_09.00.00`,
      Description: 'Post-launch action Create AMI from instance',
      State: 'available',
    },
  ])
})

test('an image that must come about and does not blocks the cutover, until it has', async (t) => {
  const { story, service, provider, end, run } = await begin(t, { mustSucceedForCutover: true })
  await story.launch('cutover')
  await story.look()
  await assert.rejects(story.finalize(), /has not ended/)
  await end(new LandfallError('unavailable', 'No space left on device.'))
  assert.partialDeepStrictEqual(await run(), {
    state: 'FAILED',
    failureReason: 'No space left on device.',
  })
  await assert.rejects(story.finalize(), /failed on instance .* No space left on device/s)
  service.later(1000)
  await story.rerun()
  await story.look()
  const imageID = await end()
  assert.partialDeepStrictEqual(await run(), { state: 'SUCCEEDED', attempt: 2, imageID })
  await story.finalize()
  await service.runJobs()
  assert.deepEqual([...provider.images.keys()], [imageID])
})

test('an image that takes longer than its action may is given up', async (t) => {
  const { story, service, provider, watch, run } = await begin(t, { timeoutSeconds: 60 })
  await story.launch('test')
  await story.look()
  await watch.look()
  service.later(60_000)
  await story.look()
  const failureReason = 'It was not available within 60 s and was given up.'
  assert.partialDeepStrictEqual(await run(), { state: 'FAILED', failureReason })
  // Its copy is stopped, and leaves nothing.
  await watch.look()
  await watch.settled()
  assert.equal(provider.images.size, 0)
  const { Images } = await service.call<{ Images: object[] }>('DescribeImages', {})
  assert.partialDeepStrictEqual(Images, [
    { State: 'failed', StateReason: { Message: failureReason } },
  ])
})

test('an image fails its action when the instance is terminated, or somebody deregisters it', async (t) => {
  const { story, service, watch, run } = await begin(t)
  const instance = await story.launch('test')
  await story.look()
  const { imageID } = (await run()) ?? assert.fail()
  await service.call('DeregisterImage', { ImageId: imageID })
  await story.look()
  assert.equal((await run())?.failureReason, 'Its image was deregistered.')
  service.later(1000)
  await story.rerun()
  await story.look()
  await watch.look()
  await service.call('TerminateInstances', { InstanceIds: [instance.instanceID] })
  await watch.look()
  await story.look()
  const rows = await service.dependencies.db
    .selectFrom('action_runs')
    .select(['state', 'failure'])
    .execute()
  assert.deepEqual(rows, [{ state: 'FAILED', failure: 'The instance was terminated.' }])
})

test('an agent that is silent keeps no image from being made', async (t) => {
  const { story, service, end } = await begin(t)
  const { sourceServerID } = story
  await story.document('Own')
  await story.put('Own')
  const check = { sourceServerID, name: 'Landfall-VerifyTimeSync', parameters: {} }
  await service.call('AddPredefinedAction', check)
  await story.launch('test')
  await story.look()
  service.later(2 * 3600 * 1000)
  await new CommandWatch(service.dependencies).look()
  await story.look()
  await end()
  assert.deepEqual(Object.values(await story.states()), ['FAILED', 'SUCCEEDED', 'FAILED'])
})

test('an action makes images of its own instance only', async (t) => {
  const { story, service, run } = await begin(t)
  const Name = 'other'
  await service.call('PutParameter', { Name, Value: 'i-00000000000000001', Type: 'String' })
  const parameter = { parameterType: 'STRING', parameterName: Name }
  await story.put('Other', { documentIdentifier: NAME, parameters: { InstanceId: [parameter] } })
  await story.put('None', { documentIdentifier: `arn:aws:ssm:lf-local-1::document/${NAME}` })
  await service.call('RemoveSourceServerAction', {
    sourceServerID: story.sourceServerID,
    actionID: NAME,
  })
  await story.launch('test')
  await story.look()
  const { runs } = await story.runs()
  assert.equal(await run(), undefined)
  assert.match(runs[0]?.failureReason ?? '', /^InstanceId is not the launched instance/)
  assert.match(runs[1]?.failureReason ?? '', /InstanceId has no default and must be given/)
})

test('its document is an Automation, and no command', async (t) => {
  const { story, service } = await begin(t)
  const { instanceID } = await story.launch('test')
  const command = { DocumentName: NAME, InstanceIds: [instanceID] }
  await assert.rejects(service.call('SendCommand', command), {
    ssmCode: 'InvalidDocument',
    message: /is an Automation document/,
  })
})
