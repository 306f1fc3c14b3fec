import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BootWatch } from '../instances/boot-watch.ts'
import { CommandWatch } from '../ssm/command-watch.ts'
import { ActionWatch } from './action-watch.ts'
import { ActionStory } from './actions.fixture.ts'

test('after the first boot actions run one after the other in their order, also after a failure', async (t) => {
  const story = await ActionStory.begin(t)
  for (const name of ['First', 'Second', 'Third', 'Idle']) await story.document(name)
  await story.put('Third', { order: 3000 })
  await story.put('First', { order: 1500 })
  await story.put('Second', { order: 2000 })
  await story.put('Idle', { active: false })
  const instance = await story.launch('test', { isBooted: false })
  await story.look()
  assert.deepEqual((await instance.poll()).commands, [])
  const all = { First: 'WAITING', Second: 'WAITING', Third: 'WAITING' }
  assert.deepEqual(await story.states(), all)

  await instance.boot()
  const scripts = await story.run(instance, (script) =>
    script.startsWith('Second') ? 'Failed' : 'Success',
  )
  assert.deepEqual(scripts, ['First -', 'Second -', 'Third -'])
  assert.deepEqual(await story.states(), {
    First: 'SUCCEEDED',
    Second: 'FAILED',
    Third: 'SUCCEEDED',
  })
  const { runs } = await story.runs()
  assert.equal(runs[1]?.failureReason, 'Exit status 1. no such file')
  assert.equal(runs[0]?.steps[0]?.stdout, 'done\n')
})

test("a launch job ends with the launch, and shows each action's result as it comes", async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('First')
  await story.document('Second')
  await story.put('First', { mustSucceedForCutover: true })
  await story.put('Second')
  const instance = await story.launch('test', { isBooted: false })
  const jobs = await story.service.call<{ items: { status: string }[] }>('DescribeJobs', {})
  assert.equal(jobs.items[0]?.status, 'COMPLETED')
  const before = await story.status()
  assert.equal(before?.ssmAgentDiscoveryDatetime, undefined)
  assert.deepEqual(
    before?.postLaunchActionsLaunchStatusList.map((one) => one.executionStatus),
    ['IN_PROGRESS', 'IN_PROGRESS'],
  )

  await instance.boot()
  await story.run(instance, (script) => (script.startsWith('First') ? 'Failed' : 'Success'))
  const after = await story.status()
  assert.equal(after?.ssmAgentDiscoveryDatetime, story.service.clock.toISOString())
  assert.partialDeepStrictEqual(after?.postLaunchActionsLaunchStatusList, [
    {
      ssmDocument: {
        actionName: 'First',
        ssmDocumentName: 'First',
        mustSucceedForCutover: true,
        timeoutSeconds: 3600,
      },
      ssmDocumentType: 'COMMAND',
      executionStatus: 'FAILED',
      failureReason: 'Exit status 1. no such file',
    },
    { executionStatus: 'SUCCESS' },
  ])
  // The execution is an SSM command, whose output can be read as that of any other.
  const CommandId = after?.postLaunchActionsLaunchStatusList[0]?.executionID
  const InstanceId = instance.instanceID
  const invocation = await story.service.call('GetCommandInvocation', { CommandId, InstanceId })
  assert.partialDeepStrictEqual(invocation, {
    StandardErrorContent: 'no such file\n',
    Comment: 'Post-launch action First',
  })
})

test('the deployment says after which launches actions run; without one they are off', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  await story.document('Check')
  await story.put('Check')
  const configuration = await service.call<{ postLaunchActions: { deployment: string } }>(
    'GetLaunchConfiguration',
    { sourceServerID },
  )
  assert.equal(configuration.postLaunchActions.deployment, 'TEST_AND_CUTOVER')
  const runsWith = async (postLaunchActions: object) => {
    await service.call('UpdateLaunchConfiguration', { sourceServerID, postLaunchActions })
    await story.launch('test')
    const test = Object.keys(await story.states()).length
    await story.launch('cutover')
    const cutover = Object.keys(await story.states()).length
    const lifeCycle = { state: 'READY_FOR_TEST' }
    await service.call('ChangeServerLifeCycleState', {
      sourceServerID,
      lifeCycle: { state: 'READY_FOR_CUTOVER' },
    })
    await service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
    return { test, cutover }
  }
  const ssmDocuments = [{ actionName: 'own', ssmDocumentName: 'Check' }]
  const deployment = 'TEST_ONLY'
  assert.deepEqual(await runsWith({ deployment }), { test: 1, cutover: 0 })
  assert.deepEqual(await runsWith({ deployment: 'CUTOVER_ONLY' }), { test: 0, cutover: 1 })
  assert.deepEqual(await runsWith({}), { test: 0, cutover: 0 })
  assert.deepEqual(await runsWith({ ssmDocuments }), { test: 2, cutover: 2 })
})

test("a launch configuration's own documents run last, by the settings that they have", async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  await story.document('Check')
  await story.put('Check')
  await service.call('PutParameter', { Name: 'what', Value: 'stored', Type: 'String' })
  const document = {
    actionName: 'own',
    ssmDocumentName: 'Check',
    timeoutSeconds: 7,
    parameters: { Value: [{ parameterType: 'STRING', parameterName: 'what' }] },
  }
  const postLaunchActions = {
    deployment: 'TEST_AND_CUTOVER',
    ssmDocuments: [document, { actionName: 'own', ssmDocumentName: 'Check' }],
  }
  await service.call('UpdateLaunchConfiguration', { sourceServerID, postLaunchActions })
  const instance = await story.launch('test')
  assert.deepEqual(await story.run(instance), ['Check -', 'Check stored', 'Check -'])
  assert.deepEqual(Object.keys(await story.states()), [
    'Check',
    'ssmDocuments[own]',
    'ssmDocuments[own 2]',
  ])
})

test('whenever the service is killed, each action is run once', async (t) => {
  const story = await ActionStory.begin(t)
  for (const name of ['First', 'Second']) {
    await story.document(name)
    await story.put(name)
  }
  const instance = await story.launch('test')
  const told: string[] = []
  for (let left = 2; left > 0; left -= 1) {
    // Two services one after the other, each of which remembers nothing of what was before.
    await story.look()
    await story.look()
    const { commands } = await instance.poll()
    assert.equal(commands.length, 1)
    const [command] = commands
    await story.look()
    assert.deepEqual((await instance.poll({ running: [command!.commandID] })).commands, [])
    await instance.end(command!)
    told.push(command!.steps[0]!.script)
  }
  await story.look()
  assert.deepEqual((await instance.poll()).commands, [])
  assert.deepEqual(told, ['First -', 'Second -'])
  const { Commands } = await story.service.call<{ Commands: object[] }>('ListCommands', {})
  assert.equal(Commands.length, 2)
})

test('the action and its command are recorded together or not at all', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Check')
  await story.put('Check')
  const instance = await story.launch('test')
  const { db, secretBox, ...rest } = story.service.dependencies
  const open = (sealed: Buffer, label: string) => secretBox.open(sealed, label)
  // As if the service were killed between the two.
  const seal = () => {
    throw new Error('killed')
  }
  await new ActionWatch({ db, ...rest, secretBox: { open, seal } }).look()
  assert.deepEqual(await story.states(), { Check: 'WAITING' })
  assert.deepEqual(await db.selectFrom('ssm_commands').select('command_id').execute(), [])
  assert.deepEqual(await story.run(instance), ['Check -'])
})

test('an instance that never boots, or never asks, fails its actions with the reason', async (t) => {
  const story = await ActionStory.begin(t)
  for (const name of ['First', 'Second']) {
    await story.document(name)
    await story.put(name)
  }
  const instance = await story.launch('test', { isBooted: false })
  const { db } = story.service.dependencies
  await db.updateTable('instances').set({ first_boot: 'UNKNOWN' }).execute()
  await story.look()
  assert.deepEqual(await story.states(), { First: 'FAILED', Second: 'FAILED' })
  const { runs } = await story.runs()
  assert.match(runs[0]?.failureReason ?? '', /did not report its first boot within 30 minutes/)

  // It comes up after all, and its agent dies.
  await instance.boot()
  await story.rerun()
  await story.look()
  story.service.later(2 * 3600 * 1000)
  await new CommandWatch(story.service.dependencies).look()
  await story.look()
  const again = await story.runs()
  for (const { state, failureReason } of again.runs) {
    assert.equal(state, 'FAILED')
    assert.match(failureReason ?? '', /did not ask for commands in time/)
  }
  await instance.poll()
  await story.rerun()
  assert.deepEqual(await story.run(instance), ['First -', 'Second -'])
})

test('actions of an instance that was launched stopped wait until it has been started', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  await story.document('Check')
  await story.put('Check')
  const launchDisposition = 'STOPPED'
  await service.call('UpdateLaunchConfiguration', { sourceServerID, launchDisposition })
  const instance = await story.launch('test', { isBooted: false })
  service.later(24 * 3600 * 1000)
  await new BootWatch(service.dependencies).look()
  await story.look()
  assert.deepEqual(await story.states(), { Check: 'WAITING' })
  await service.call('StartInstances', { InstanceIds: [instance.instanceID] })
  await instance.boot()
  assert.deepEqual(await story.run(instance), ['Check -'])
})

test('an instance that is started later and does not boot then fails its actions too', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  await story.document('Check')
  await story.put('Check')
  const launchDisposition = 'STOPPED'
  await service.call('UpdateLaunchConfiguration', { sourceServerID, launchDisposition })
  const { instanceID } = await story.launch('test', { isBooted: false })
  await service.call('StartInstances', { InstanceIds: [instanceID] })
  const filesOf = () => ({ serialLogPath: '', screenshotPath: '/nowhere/screen' })
  const { instances, ...rest } = service.dependencies
  const watch = new BootWatch({ ...rest, instances: { ...instances, filesOf } })
  await watch.look()
  service.later(service.dependencies.timing.firstBootDeadlineMs)
  await watch.look()
  await story.look()
  assert.deepEqual(await story.states(), { Check: 'FAILED' })
})

test('actions of a terminated instance fail, and those of its successor run', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Check')
  await story.put('Check')
  const first = await story.launch('test', { isBooted: false })
  const second = await story.launch('test')
  await story.look()
  const rows = await story.service.dependencies.db
    .selectFrom('action_runs')
    .select(['instance_id', 'state', 'failure'])
    .execute()
  const [gone] = rows.filter((row) => row.instance_id === first.instanceID)
  assert.deepEqual([gone?.state, gone?.failure], ['FAILED', 'The instance was terminated.'])
  assert.deepEqual(await story.run(second), ['Check -'])
})

test('an action that takes longer than it may is stopped, all its steps counted together', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Slow')
  await story.put('Slow', { timeoutSeconds: 60 })
  const instance = await story.launch('test')
  await story.look()
  const { commands } = await instance.poll()
  assert.equal(commands[0]?.steps[0]?.timeoutSeconds, 60)
  story.service.later(61_000)
  await story.look()
  const { commandID } = commands[0]!
  assert.deepEqual((await instance.poll({ running: [commandID] })).cancelled, [commandID])
  await instance.tell({ commandID, status: 'Cancelled', steps: [] })
  await story.look()
  const { runs } = await story.runs()
  assert.equal(runs[0]?.failureReason, 'It did not end within 60 s and was stopped.')
})
