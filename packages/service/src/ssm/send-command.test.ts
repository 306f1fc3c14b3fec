import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ssmResources } from '../http/ssm-resources.ts'
import { ACCOUNT, createTestService, type TestService } from '../test-service.ts'
import { addDocumentVersion, insertDocument } from './documents.ts'
import { LaunchedInstance } from './launched-instance.fixture.ts'

const content = (runCommand: string) =>
  JSON.stringify({
    schemaVersion: '2.2',
    parameters: { Path: { type: 'String', default: '/' } },
    mainSteps: ['first', 'second'].map((name) => ({
      action: 'aws:runShellScript',
      name,
      inputs: { runCommand: [runCommand] },
    })),
  })

/** A document Look with a version for each command; the first is the default one. */
async function makeDocument(service: TestService, [first = '', ...later]: readonly string[]) {
  const version = (runCommand: string) => ({ content: content(runCommand), now: service.clock })
  await service.dependencies.db.transaction().execute(async (trx) => {
    let document = await insertDocument(trx, 'Look', { ...version(first), tags: {} })
    for (const one of later) document = await addDocumentVersion(trx, document, version(one))
  })
}

test('a command takes the version of the document that is named, and the parameter store', async (t) => {
  const service = await createTestService(t)
  const instance = await LaunchedInstance.launch(service)
  await instance.poll()
  const InstanceIds = [instance.instanceID]
  const send = (input: object) =>
    service.call<{ Command: { CommandId: string; DocumentVersion: string } }>('SendCommand', {
      DocumentName: 'Look',
      InstanceIds,
      ...input,
    })
  await makeDocument(service, ['ls {{ Path }}', 'cat {{ssm:file:1}}'])
  const put = (Name: string, Type: string) =>
    service.call('PutParameter', { Name, Type, Value: '/etc/motd' })
  await assert.rejects(send({ DocumentVersion: '2' }), { ssmCode: 'InvalidParameters' })
  await put('file', 'String')
  await put('secret', 'SecureString')

  const arn = 'arn:aws:ssm:lf-local-1:123456789012:document/Look'
  for (const [input, version, script] of [
    [{}, '1', 'ls /'],
    [{ DocumentName: arn, DocumentVersion: '$DEFAULT' }, '1', 'ls /'],
    [{ DocumentVersion: '$LATEST' }, '2', 'cat /etc/motd'],
    [{ DocumentVersion: '1', Parameters: { Path: ['{{ ssm:file }}'] } }, '1', 'ls /etc/motd'],
  ] as const) {
    const { Command: sent } = await send(input)
    assert.equal(sent.DocumentVersion, version)
    const { commands } = await instance.poll()
    const steps = commands[0]!.steps.map((step) => step.script)
    assert.deepEqual(steps, [script, script])
    await instance.end(commands[0]!)
  }
  const manyReferences = Array.from({ length: 101 }, (_, index) => `{{ssm:p${index}}}`).join('')
  for (const [input, code] of [
    [{ DocumentName: 'Nothing' }, 'InvalidDocument'],
    [{ DocumentName: arn.replace('1234', '9999') }, 'InvalidDocument'],
    [{ DocumentVersion: '3' }, 'InvalidDocumentVersion'],
    [{ DocumentHash: '00' }, 'InvalidDocument'],
    [{ Parameters: { Path: ['{{ssm:secret}}'] } }, 'InvalidParameters'],
    [{ Parameters: { Path: ['{{ssm:nothing}}'] } }, 'InvalidParameters'],
    [{ Parameters: { Path: ['{{ssm:file:2}}'] } }, 'InvalidParameters'],
    [{ Parameters: { Paths: ['/'] } }, 'InvalidParameters'],
    [{ Parameters: { Path: [manyReferences] } }, 'InvalidParameters'],
    [{ InstanceIds: [...InstanceIds, ...InstanceIds] }, 'DuplicateInstanceId'],
    [{ InstanceIds: ['i-00000000000000001'] }, 'InvalidInstanceId'],
  ] as const) {
    await assert.rejects(send(input), { ssmCode: code }, code)
  }
  for (const input of [
    { InstanceIds: [] },
    { Targets: [{ Key: 'tag:a', Values: ['b'] }] },
    { InstanceIds: [], Targets: [{ Key: 'resource-groups:Name', Values: ['b'] }] },
    { OutputS3BucketName: 'bucket' },
    { ServiceRoleArn: 'arn' },
    { NotificationConfig: {} },
  ]) {
    await assert.rejects(send(input), { code: 'validation' }, JSON.stringify(input))
  }
  const stored = await service.dependencies.db.selectFrom('ssm_commands').selectAll().execute()
  assert.doesNotMatch(JSON.stringify(stored), /motd/, 'parameters and scripts are sealed')
})

test('a step of several is named, and a document of AWS is there to be read only', async (t) => {
  const service = await createTestService(t)
  const instance = await LaunchedInstance.launch(service)
  await instance.poll()
  await makeDocument(service, ['ls'])
  const { Command } = await service.call<{ Command: { CommandId: string } }>('SendCommand', {
    DocumentName: 'Look',
    InstanceIds: [instance.instanceID],
  })
  const { commands } = await instance.poll()
  await instance.end(commands[0]!, 'Failed', 'out')
  const get = (PluginName?: string) =>
    service.call<Record<string, unknown>>('GetCommandInvocation', {
      CommandId: Command.CommandId,
      InstanceId: instance.instanceID,
      ...(PluginName !== undefined && { PluginName }),
    })
  assert.partialDeepStrictEqual(await get('second'), {
    PluginName: 'second',
    Status: 'Failed',
    ResponseCode: 1,
    StandardOutputContent: 'out',
    StandardErrorContent: 'no such file\n',
  })
  assert.partialDeepStrictEqual(await get(), { StandardOutputContent: '', Status: 'Failed' })
  await assert.rejects(get('third'), { ssmCode: 'InvalidPluginName' })
  await assert.rejects(
    service.call('GetCommandInvocation', {
      CommandId: Command.CommandId,
      InstanceId: 'i-00000000000000001',
    }),
    { ssmCode: 'InvocationDoesNotExist' },
  )
  await assert.rejects(service.call('CancelCommand', { CommandId: 'x'.repeat(36) }), {
    ssmCode: 'InvalidCommandId',
  })

  const Name = 'AWS-RunShellScript'
  await assert.rejects(service.call('DeleteDocument', { Name }), { ssmCode: 'InvalidDocument' })
  for (const name of [Name, 'aws-mine', 'Amazon-Look']) {
    const made = service.call('CreateDocument', { Name: name, Content: content('ls') })
    await assert.rejects(made, { code: 'validation' })
  }
})

test('instances are found by tag, and shown with what their agent says', async (t) => {
  const service = await createTestService(t)
  const silent = await LaunchedInstance.launch(service)
  const [one, other] = [
    await LaunchedInstance.launch(service),
    await LaunchedInstance.launch(service),
  ]
  await one.poll()
  await other.poll()
  const tag = (instance: LaunchedInstance, Value: string) =>
    service.call('CreateTags', {
      Resources: [instance.instanceID],
      Tags: [{ Key: 'stage', Value }],
    })
  for (const instance of [silent, one]) await tag(instance, 'test')
  await tag(other, 'prod')
  const send = (Targets: object[]) =>
    service.call<{ Command: Record<string, unknown> }>('SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      Parameters: { commands: ['true'] },
      Targets,
    })
  const { Command: sent } = await send([{ Key: 'tag:stage', Values: ['test', 'build'] }])
  assert.equal(sent['TargetCount'], 1)
  assert.equal((await one.poll()).commands[0]?.commandID, sent['CommandId'])
  const byID = { Key: 'InstanceIds', Values: [one.instanceID, other.instanceID] }
  const both = await send([byID, { Key: 'tag:stage', Values: ['prod'] }])
  assert.equal(both.Command['TargetCount'], 1)
  const none = await send([{ Key: 'tag:stage', Values: ['nowhere'] }])
  assert.partialDeepStrictEqual(none.Command, {
    Status: 'Success',
    StatusDetails: 'NoInstancesInTag',
  })

  type Listed = { InstanceInformationList: Record<string, unknown>[]; NextToken?: string }
  const describe = (input: object = {}) =>
    service.call<Listed>('DescribeInstanceInformation', input)
  const idsOf = async (key: string, value: string) => {
    const byFilter = await describe({ Filters: [{ Key: key, Values: [value] }] })
    return byFilter.InstanceInformationList.map((item) => item['InstanceId'])
  }
  const { InstanceInformationList: all } = await describe()
  assert.deepEqual(all[0], {
    InstanceId: one.instanceID,
    PingStatus: 'Online',
    LastPingDateTime: service.clock,
    AgentVersion: '0.1.0',
    PlatformType: 'Linux',
    PlatformName: 'Debian GNU/Linux',
    PlatformVersion: '12',
    ResourceType: 'EC2Instance',
    IPAddress: '10.0.2.15',
    ComputerName: 'web01',
  })
  assert.equal(all.length, 2, 'one that was never heard of is not managed')
  service.later(service.dependencies.timing.instanceLostMs)
  await other.poll()
  assert.deepEqual(await idsOf('PingStatus', 'ConnectionLost'), [one.instanceID])
  assert.deepEqual(await idsOf('PingStatus', 'Online'), [other.instanceID])
  assert.deepEqual(await idsOf('tag:stage', 'prod'), [other.instanceID])
  assert.deepEqual(await idsOf('InstanceIds', one.instanceID), [one.instanceID])
  assert.equal((await idsOf('tag-key', 'stage')).length, 2)
  const list = [{ key: 'PlatformTypes', valueSet: ['Windows'] }]
  const windows = await describe({ InstanceInformationFilterList: list })
  assert.deepEqual(windows.InstanceInformationList, [])
  await assert.rejects(idsOf('Colour', 'red'), { ssmCode: 'InvalidFilterKey' })

  await service.call('StopInstances', { InstanceIds: [one.instanceID], Force: true })
  const named = { DocumentName: 'AWS-RunShellScript', InstanceIds: [one.instanceID] }
  const again = () => service.call('SendCommand', { ...named, Parameters: { commands: ['true'] } })
  await assert.rejects(again(), {
    ssmCode: 'InvalidInstanceId',
    message: new RegExp(one.instanceID),
  })
  await service.call('StartInstances', { InstanceIds: [one.instanceID] })
  await again()
})

test('commands are listed newest first, in pages, and by what became of them', async (t) => {
  const service = await createTestService(t)
  const instance = await LaunchedInstance.launch(service)
  await instance.poll()
  const ids: string[] = []
  for (let count = 0; count < 5; count += 1) {
    service.later(1000)
    const { Command } = await service.call<{ Command: { CommandId: string } }>('SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instance.instanceID],
      Parameters: { commands: ['true'] },
    })
    ids.unshift(Command.CommandId)
    const { commands } = await instance.poll()
    await instance.end(commands[0]!, count === 2 ? 'Failed' : 'Success')
  }
  type Listed = Record<string, { CommandId: string }[]> & { NextToken?: string }
  for (const [operation, member] of [
    ['ListCommands', 'Commands'],
    ['ListCommandInvocations', 'CommandInvocations'],
  ] as const) {
    const seen: string[] = []
    let NextToken: string | undefined
    do {
      const page: Listed = await service.call(operation, {
        MaxResults: 2,
        ...(NextToken !== undefined && { NextToken }),
      })
      seen.push(...page[member]!.map((one) => one.CommandId))
      NextToken = page.NextToken
    } while (NextToken !== undefined)
    assert.deepEqual(seen, ids, operation)
    const filtered = async (key: string, value: string) => {
      const page: Listed = await service.call(operation, { Filters: [{ key, value }] })
      return page[member]!.map((one) => one.CommandId)
    }
    assert.deepEqual(await filtered('Status', 'Failed'), [ids[2]])
    assert.deepEqual(await filtered('ExecutionStage', 'Executing'), [])
    assert.equal((await filtered('ExecutionStage', 'Complete')).length, 5)
    assert.deepEqual(await filtered('InvokedAfter', '2026-01-10T09:00:03Z'), ids.slice(0, 2))
    assert.deepEqual(await filtered('InvokedBefore', '2026-01-10T09:00:02Z'), ids.slice(4))
    assert.equal((await filtered('DocumentName', 'AWS-RunShellScript')).length, 5)
    await assert.rejects(filtered('InvokedAfter', 'lunch'), { code: 'validation' })
    const of = (InstanceId: string) => service.call<Listed>(operation, { InstanceId })
    assert.equal((await of(instance.instanceID))[member]!.length, 5)
    assert.equal((await of('i-00000000000000001'))[member]!.length, 0)
  }
})

test('who sends a command must be allowed its document and every instance it can reach', () => {
  const DocumentName = 'AWS-RunShellScript'
  const shell = 'arn:aws:ssm:lf-local-1::document/AWS-RunShellScript'
  const instance = (id: string) => `arn:aws:ec2:lf-local-1:123456789012:instance/${id}`
  for (const [input, instances] of [
    [{ InstanceIds: ['i-1', 'i-2'] }, ['i-1', 'i-2']],
    [{ Targets: [{ Key: 'InstanceIds', Values: ['i-1'] }] }, ['i-1']],
    [{ Targets: [{ Key: 'tag:stage', Values: ['test'] }] }, ['*']],
    [{ Targets: [{ Key: 'InstanceIds', Values: ['i-1'] }, { Key: 'tag:a' }] }, ['i-1', '*']],
  ] as const) {
    const expected = [shell, ...instances.map(instance)]
    assert.deepEqual(ssmResources('SendCommand', { DocumentName, ...input }, ACCOUNT), expected)
  }
})
