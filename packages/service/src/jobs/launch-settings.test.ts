import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryProvider } from '@landfall/launch'
import { LandfallError } from '@landfall/model'
import { createTestService, PROPERTIES, type JobView, type TestService } from '../test-service.ts'

const UEFI = { ...PROPERTIES, firmware: 'uefi', secureBoot: true } as const

interface LogItem {
  readonly event: string
  readonly eventData: { readonly rawError?: string }
}

/** Runs a job of the server; its log, and what became of the server. */
async function runJob(service: TestService, name: string, sourceServerID: string) {
  const { job } = await service.call<{ job: JobView }>(name, { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const { jobID } = job
  const { items: log } = await service.call<{ items: LogItem[] }>('DescribeJobLogItems', { jobID })
  const filters = { jobIDs: [jobID] }
  const { items } = await service.call<{ items: JobView[] }>('DescribeJobs', { filters })
  return {
    events: log.map(({ event }) => event),
    errors: log.flatMap(({ eventData }) => eventData.rawError ?? []),
    launchStatus: items[0]?.participatingServers[0]?.launchStatus,
  }
}

/** Gives the server's launch template a further version, which launches use. */
async function setTemplate(service: TestService, sourceServerID: string, data: object) {
  const { ec2LaunchTemplateID: LaunchTemplateId } = await service.call<{
    ec2LaunchTemplateID: string
  }>('GetLaunchConfiguration', { sourceServerID })
  const { LaunchTemplateVersion } = await service.call<{
    LaunchTemplateVersion: { VersionNumber: number }
  }>('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    SourceVersion: '$Default',
    LaunchTemplateData: data,
  })
  const DefaultVersion = String(LaunchTemplateVersion.VersionNumber)
  await service.call('ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion })
}

async function launchedPlan(service: TestService, sourceServerID: string) {
  await runJob(service, 'StartTest', sourceServerID)
  const { launchedInstance } = await service.server(sourceServerID)
  const InstanceId = launchedInstance?.ec2InstanceID ?? assert.fail('nothing was launched')
  const { plans } = service.dependencies.provider as MemoryProvider
  return { InstanceId, plan: plans.get(InstanceId)! }
}

async function protectedServer(t: TestContext) {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  await setTemplate(service, sourceServerID, { DisableApiTermination: true })
  const { InstanceId } = await launchedPlan(service, sourceServerID)
  await setTemplate(service, sourceServerID, { DisableApiTermination: false })
  return { service, sourceServerID, InstanceId }
}

test('a boot mode that the source does not have is refused when it is set', async (t) => {
  const service = await createTestService(t)
  for (const [sourceProperties, wrong, right, words] of [
    [PROPERTIES, 'UEFI', 'LEGACY_BIOS', /boots with BIOS, .* ask for UEFI; .* LEGACY_BIOS/],
    [UEFI, 'LEGACY_BIOS', 'UEFI', /boots with UEFI, .* ask for LEGACY_BIOS; .* UEFI/],
  ] as const) {
    const sourceServerID = await service.register({ sourceProperties })
    const set = (bootMode: string) =>
      service.call('UpdateLaunchConfiguration', { sourceServerID, bootMode })
    await assert.rejects(set(wrong), (error: LandfallError) => {
      assert.equal(error.code, 'validation')
      assert.equal(error.details.fields?.[0]?.name, 'bootMode')
      assert.match(error.message, words)
      return true
    })
    await set(right)
    await set('USE_SOURCE')
  }
})

test('a boot mode from the template that does not fit fails the launch, and spares what there is', async (t) => {
  const service = await createTestService(t)
  await service.call('CreateLaunchConfigurationTemplate', { bootMode: 'UEFI' })
  const sourceServerID = await service.readyServer()
  const { events, errors, launchStatus } = await runJob(service, 'StartTest', sourceServerID)
  assert.deepEqual(events, ['JOB_START', 'LAUNCH_FAILED', 'JOB_END'])
  assert.match(errors[0] ?? '', /boots with BIOS, .* ask for UEFI/)
  assert.equal(launchStatus, 'FAILED')

  const update = { sourceServerID, bootMode: 'LEGACY_BIOS' }
  await service.call('UpdateLaunchConfiguration', update)
  assert.equal((await runJob(service, 'StartTest', sourceServerID)).launchStatus, 'LAUNCHED')
  const instances = await service.dependencies.provider.list()
  await setTemplate(service, sourceServerID, {
    BlockDeviceMappings: [{ DeviceName: '/dev/sda', Ebs: { VolumeType: 'sc1', Iops: 100 } }],
  })
  const refused = await runJob(service, 'StartTest', sourceServerID)
  assert.deepEqual(refused.events, ['JOB_START', 'LAUNCH_FAILED', 'JOB_END'])
  assert.match(refused.errors[0] ?? '', /\/dev\/sda is a volume of type sc1, .* Iops 100/)
  assert.deepEqual(await service.dependencies.provider.list(), instances)
})

test('what the host cannot do fails a launch before anything is made for it', async (t) => {
  const provider = new MemoryProvider()
  provider.problems = () => Promise.resolve(['This host has no firmware. Install it.'])
  const service = await createTestService(t, { provider })
  const { events, errors } = await runJob(service, 'StartTest', await service.readyServer())
  assert.deepEqual(events, ['JOB_START', 'LAUNCH_FAILED', 'JOB_END'])
  assert.deepEqual(errors, ['This host has no firmware. Install it.'])
})

test('an instance boots as its source does, with Secure Boot where that was on', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer({ sourceProperties: UEFI })
  const { InstanceId, plan } = await launchedPlan(service, sourceServerID)
  assert.deepEqual([plan.firmware, plan.secureBoot], ['uefi', true])
  const { Reservations } = await service.call<{
    Reservations: { Instances: { BootMode: string }[] }[]
  }>('DescribeInstances', { InstanceIds: [InstanceId] })
  assert.equal(Reservations[0]?.Instances[0]?.BootMode, 'uefi')
  // An agent of before does not say.
  const { secureBoot: _, ...older } = UEFI
  const second = await service.readyServer({ sourceProperties: older })
  assert.equal((await launchedPlan(service, second)).plan.secureBoot, false)
})

test('volumes of the launch template limit the disks of those names', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const Ebs = { VolumeType: 'gp3', Iops: 3000, Throughput: 125 }
  await setTemplate(service, sourceServerID, {
    BlockDeviceMappings: [
      { DeviceName: '/dev/sdb', Ebs },
      { DeviceName: '/dev/sdz', Ebs: { VolumeType: 'io2', Iops: 1 } },
    ],
  })
  const { plan } = await launchedPlan(service, sourceServerID)
  assert.deepEqual(
    plan.disks.map(({ deviceName, hints }) => [deviceName, hints]),
    [
      ['/dev/sda', {}],
      ['/dev/sdb', { iopsMax: 3000, bytesPerSecondMax: 125 * 2 ** 20 }],
    ],
  )
})

test("the template's tags win over the server's, and MAP tagging adds its own", async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer({ tags: { Name: 'shop', team: 'a', tier: '1' } })
  await service.call('UpdateLaunchConfiguration', {
    sourceServerID,
    copyTags: true,
    enableMapAutoTagging: true,
    mapAutoTaggingMpeID: 'mpe-7',
  })
  const Tags = [{ Key: 'team', Value: 'b' }]
  await setTemplate(service, sourceServerID, {
    TagSpecifications: [{ ResourceType: 'instance', Tags }],
  })
  const { plan } = await launchedPlan(service, sourceServerID)
  const expected = { Name: 'shop', team: 'b', tier: '1', 'map-migrated': 'mpe-7' }
  assert.deepEqual(plan.tags, expected)
})

test('a protected test instance stays: the next launch fails with the remedy, which helps', async (t) => {
  const { service, sourceServerID, InstanceId } = await protectedServer(t)
  const { events, errors, launchStatus } = await runJob(service, 'StartTest', sourceServerID)
  assert.deepEqual(events, [
    'JOB_START',
    'CLEANUP_START',
    'CLEANUP_FAIL',
    'LAUNCH_FAILED',
    'JOB_END',
  ])
  assert.match(errors[0] ?? '', new RegExp(`${InstanceId} has termination protection`))
  assert.match(errors[0] ?? '', /--no-disable-api-termination/)
  assert.equal(launchStatus, 'FAILED')
  assert.equal((await service.server(sourceServerID)).launchedInstance?.ec2InstanceID, InstanceId)

  const Attribute = 'disableApiTermination'
  const isProtected = () => service.call('DescribeInstanceAttribute', { InstanceId, Attribute })
  assert.deepEqual(await isProtected(), { InstanceId, DisableApiTermination: { Value: true } })
  const DisableApiTermination = { Value: false }
  await service.call('ModifyInstanceAttribute', { InstanceId, DisableApiTermination })
  assert.deepEqual(await isProtected(), { InstanceId, DisableApiTermination })
  assert.equal((await runJob(service, 'StartTest', sourceServerID)).launchStatus, 'LAUNCHED')
  assert.equal((await service.dependencies.provider.list()).includes(InstanceId), false)
})

test('a protected instance outlives every call that terminates', async (t) => {
  const { service, sourceServerID, InstanceId } = await protectedServer(t)
  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
  const { events } = await runJob(service, 'TerminateTargetInstances', sourceServerID)
  assert.deepEqual(events, ['JOB_START', 'CLEANUP_START', 'CLEANUP_FAIL', 'JOB_END'])
  const InstanceIds = [InstanceId]
  await assert.rejects(service.call('TerminateInstances', { InstanceIds }), {
    ec2Code: 'OperationNotPermitted',
  })
  assert.deepEqual(await service.dependencies.provider.list(), InstanceIds)

  const modify = (change: object) =>
    service.call('ModifyInstanceAttribute', { InstanceId, ...change })
  const InstanceType = { Value: 't3.nano' }
  await assert.rejects(modify({ InstanceType }), { ec2Code: 'UnsupportedOperation' })
  await assert.rejects(modify({}), { ec2Code: 'InvalidParameterCombination' })
  await modify({ Attribute: 'disableApiTermination', Value: 'false' })
  await service.call('TerminateInstances', { InstanceIds })
  await assert.rejects(modify({ DisableApiTermination: { Value: true } }), {
    ec2Code: 'IncorrectInstanceState',
  })
})
