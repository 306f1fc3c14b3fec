import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionStory } from './actions.fixture.ts'

const SECRET = 'hush-hush'

test('parameters come from the store, secrets too, and what is listed shows names only', async (t) => {
  const story = await ActionStory.begin(t)
  const { service } = story
  await service.call('PutParameter', { Name: 'secret', Value: SECRET, Type: 'SecureString' })
  await story.document('Check')
  await story.put('Check', {
    parameters: { Value: [{ parameterType: 'SECURE_STRING', parameterName: 'secret' }] },
  })
  const instance = await story.launch('test')
  assert.deepEqual(await story.run(instance), [`Check ${SECRET}`])
  const listed = JSON.stringify([
    await service.call('ListCommands', {}),
    await service.call('DescribeJobs', {}),
    await story.runs(),
  ])
  assert.ok(!listed.includes(SECRET))
  assert.match(listed, /\{\{ssm:secret\}\}/)
})

test('a secret that is not named as one, and a parameter that is not there, fail the action', async (t) => {
  const story = await ActionStory.begin(t)
  await story.service.call('PutParameter', { Name: 'secret', Value: SECRET, Type: 'SecureString' })
  await story.document('Check')
  const value = (parameterName: string) => ({
    parameters: { Value: [{ parameterType: 'STRING', parameterName }] },
  })
  await story.put('Check', value('secret'))
  await story.put('Other', { documentIdentifier: 'Check', ...value('nowhere') })
  await story.put('Gone', { documentIdentifier: 'Nothing' })
  await story.put('Unknown', {
    documentIdentifier: 'Check',
    externalParameters: { Value: { dynamicPath: 'ec2.Nothing' } },
  })
  const instance = await story.launch('test')
  assert.deepEqual(await story.run(instance), [])
  const { runs } = await story.runs()
  const reasons = runs.map((run) => run.failureReason ?? '')
  assert.match(reasons[0]!, /\{\{ssm:secret\}\} is a SecureString/)
  assert.match(reasons[1]!, /\{\{ssm:nowhere\}\} does not exist/)
  assert.match(reasons[2]!, /Document with name Nothing does not exist/)
  assert.match(reasons[3]!, /The dynamic path ec2\.Nothing leads nowhere/)
})

test('dynamic paths lead to what the instance is', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Check')
  const put = (actionName: string, dynamicPath: string) =>
    story.put(actionName, {
      documentIdentifier: 'Check',
      externalParameters: { Value: { dynamicPath } },
    })
  await put('id', 'ec2.InstanceId')
  await put('address', 'ec2.PrivateIpAddress')
  await put('state', 'ec2.State.Name')
  await put('tag', 'ec2.Tags[0].Value')
  const instance = await story.launch('test')
  assert.deepEqual(await story.run(instance), [
    `Check ${instance.instanceID}`,
    'Check 10.0.2.15',
    'Check running',
    'Check web01',
  ])
})

test('the version of the document is the one that is meant when the action runs', async (t) => {
  const story = await ActionStory.begin(t)
  await story.document('Check', 'first')
  await story.put('Check', { documentVersion: '1' })
  await story.put('Default', { documentIdentifier: 'Check' })
  await story.put('Latest', { documentIdentifier: 'Check', documentVersion: '$LATEST' })
  const instance = await story.launch('test', { isBooted: false })
  await story.document('Check', 'second')
  await instance.boot()
  assert.deepEqual(await story.run(instance), ['first', 'first', 'second'])
})
