import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MemoryProvider } from '@landfall/launch'
import { createTestService } from '../test-service.ts'

interface Version {
  readonly VersionNumber: number
  readonly DefaultVersion: boolean
  readonly LaunchTemplateData: { readonly InstanceType?: string; readonly KeyName?: string }
}

interface Template {
  readonly LaunchTemplateId: string
  readonly DefaultVersionNumber: number
  readonly LatestVersionNumber: number
}

test('the default version of a launch template gives the next test launch its instance type', async (t) => {
  const service = await createTestService(t)
  const provider = service.dependencies.provider as MemoryProvider
  const sourceServerID = await service.readyServer()
  const launchedType = async () => {
    await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
    await service.runJobs()
    const [plan] = [...provider.plans.values()]
    return plan?.instanceType
  }
  const { ec2LaunchTemplateID: LaunchTemplateId } = await service.call<{
    ec2LaunchTemplateID: string
  }>('GetLaunchConfiguration', { sourceServerID })
  await service.call('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    SourceVersion: '$Latest',
    LaunchTemplateData: { InstanceType: 'm5.xlarge' },
  })
  await service.call('ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion: '2' })
  assert.equal(await launchedType(), 'c5.large') // Right sizing is on, and does not ask.

  const targetInstanceTypeRightSizingMethod = 'NONE'
  await service.call('UpdateLaunchConfiguration', {
    sourceServerID,
    targetInstanceTypeRightSizingMethod,
  })
  assert.equal(await launchedType(), 'm5.xlarge')
  await service.call('ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion: '1' })
  assert.equal(await launchedType(), 't3.small')
})

test('versions build upon each other and are found by number, $Latest and $Default', async (t) => {
  const service = await createTestService(t)
  const { LaunchTemplate: template } = await service.call<{ LaunchTemplate: Template }>(
    'CreateLaunchTemplate',
    { LaunchTemplateName: 'mine', LaunchTemplateData: { InstanceType: 'c5.large', KeyName: 'k' } },
  )
  const { LaunchTemplateId } = template
  const add = (change: object) =>
    service.call<{ LaunchTemplateVersion: Version }>('CreateLaunchTemplateVersion', {
      LaunchTemplateId,
      ...change,
    })
  const second = await add({
    SourceVersion: '1',
    LaunchTemplateData: { InstanceType: 'r5.large' },
  })
  assert.deepEqual(second.LaunchTemplateVersion.LaunchTemplateData, {
    InstanceType: 'r5.large',
    KeyName: 'k',
  })
  await add({ LaunchTemplateData: { KeyName: 'other' } })
  const describe = async (input: object) => {
    const { LaunchTemplateVersions: versions } = await service.call<{
      LaunchTemplateVersions: Version[]
    }>('DescribeLaunchTemplateVersions', { LaunchTemplateName: 'mine', ...input })
    return versions.map((one) => one.VersionNumber)
  }
  assert.deepEqual(await describe({}), [3, 2, 1])
  assert.deepEqual(await describe({ Versions: ['$Latest', '$Default', '2'] }), [3, 1, 2])
  assert.deepEqual(await describe({ MinVersion: '2', MaxVersion: '$Latest' }), [3, 2])
  const isDefault = [{ Name: 'is-default-version', Values: ['true'] }]
  assert.deepEqual(await describe({ Filters: isDefault }), [1])
  for (const [input, ec2Code] of [
    [{ Versions: ['9'] }, 'InvalidLaunchTemplateId.VersionNotFound'],
    [{ Versions: ['last'] }, 'InvalidLaunchTemplateVersion'],
    [{ Filters: [{ Name: 'colour', Values: ['red'] }] }, 'InvalidParameterValue'],
    [{ LaunchTemplateId: 'lt-0' }, 'MissingParameter'],
  ] as const) {
    await assert.rejects(describe(input), { ec2Code })
  }
  const wrong = { LaunchTemplateData: { InstanceType: 'p4d.24xlarge' } }
  await assert.rejects(add(wrong), /not in Landfall's catalogue/)
  await assert.rejects(
    service.call('CreateLaunchTemplate', {
      LaunchTemplateName: 'mine',
      LaunchTemplateData: {},
    }),
    { ec2Code: 'InvalidLaunchTemplateName.AlreadyExistsException' },
  )
  await service.call('DeleteLaunchTemplate', { LaunchTemplateId })
  await assert.rejects(describe({}), { ec2Code: 'InvalidLaunchTemplateName.NotFoundException' })
})

test("a server's own launch template stays while the server does", async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.register()
  const { ec2LaunchTemplateID: LaunchTemplateId } = await service.call<{
    ec2LaunchTemplateID: string
  }>('GetLaunchConfiguration', { sourceServerID })
  await assert.rejects(service.call('DeleteLaunchTemplate', { LaunchTemplateId }), {
    ec2Code: 'OperationNotPermitted',
  })
  await service.call('DisconnectFromService', { sourceServerID })
  await service.call('DeleteSourceServer', { sourceServerID })
  await assert.rejects(
    service.call('DescribeLaunchTemplates', { LaunchTemplateIds: [LaunchTemplateId] }),
    { ec2Code: 'InvalidLaunchTemplateId.NotFound' },
  )
})
