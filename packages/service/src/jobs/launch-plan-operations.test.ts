import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService, PROPERTIES, type TestService } from '../test-service.ts'

interface Plan {
  readonly purpose: string
  readonly instanceType: string
  readonly typeReason: string
  readonly vcpus: number
  readonly memoryMiB: number
  readonly firmware: string
  readonly secureBoot: boolean
  readonly disks: readonly object[]
  readonly tags: object
  readonly start: boolean
  readonly removes: readonly string[]
  readonly notes: readonly string[]
  readonly refusal?: string
  readonly problems: readonly string[]
  readonly rightSizing?: { readonly instanceType: string; readonly reason: string }
}

const planOf = (service: TestService, sourceServerID: string, purpose?: 'TEST' | 'CUTOVER') =>
  service.call<Plan>('GetLaunchPlan', { sourceServerID, ...(purpose && { purpose }) })

test('the launch plan says what a launch would make, and why', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer({ tags: { Name: 'shop' } })
  const plan = await planOf(service, sourceServerID)
  assert.equal(plan.purpose, 'TEST')
  assert.equal(plan.instanceType, 'c5.large')
  assert.match(plan.typeReason, /smallest .* 2 CPUs and 2048 MiB/)
  assert.deepEqual([plan.vcpus, plan.memoryMiB], [2, 4096])
  assert.deepEqual([plan.firmware, plan.secureBoot, plan.start], ['bios', false, true])
  assert.deepEqual(plan.disks, [
    { deviceName: '/dev/sda', bytes: 128 * 2 ** 20, volumeType: 'gp3' },
    { deviceName: '/dev/sdb', bytes: 64 * 2 ** 20, volumeType: 'gp3' },
  ])
  assert.deepEqual([plan.notes, plan.problems, plan.removes], [[], [], []])
})

test('the plan of a launch that does not come next says so, apart from its settings', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const plan = await planOf(service, sourceServerID, 'CUTOVER')
  assert.equal(plan.purpose, 'CUTOVER')
  assert.match(plan.refusal ?? '', /READY_FOR_TEST, where StartCutover is not possible/)
  assert.deepEqual(plan.problems, [plan.refusal])
  assert.equal((await planOf(service, sourceServerID, 'TEST')).refusal, undefined)
})

test('what right sizing would choose is told also where it is off', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const targetInstanceTypeRightSizingMethod = 'NONE'
  const off = { sourceServerID, targetInstanceTypeRightSizingMethod }
  await service.call('UpdateLaunchConfiguration', off)
  const { instanceType, rightSizing } = await planOf(service, sourceServerID)
  assert.deepEqual([instanceType, rightSizing?.instanceType], ['t3.small', 'c5.large'])
  assert.match(rightSizing?.reason ?? '', /2 CPUs and 2048 MiB/)
})

test('what the host gives less, and a source larger than every type, are told before the launch', async (t) => {
  const service = await createTestService(t)
  const cpus = [{ cores: 200, modelName: 'big' }]
  const sourceProperties = { ...PROPERTIES, cpus, ramBytes: 2 ** 42 }
  const sourceServerID = await service.readyServer({ sourceProperties })
  const { notes, vcpus, memoryMiB } = await planOf(service, sourceServerID)
  assert.deepEqual([vcpus, memoryMiB], [2, 4096])
  assert.match(notes[0] ?? '', /200 CPUs and 4194304 MiB .* r5\.24xlarge is the largest/)
  assert.match(notes[1] ?? '', /r5\.24xlarge has 96 vCPUs .* this host gives 2 and 4096 MiB/)

  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const { launchedInstance } = await service.server(sourceServerID)
  const instanceID = launchedInstance?.ec2InstanceID
  const instance = await service.call<{ notes: string[] }>('DescribeInstance', { instanceID })
  assert.deepEqual(instance.notes, notes)
})

test('all that would refuse a launch is told at once, and nothing is changed by asking', async (t) => {
  const service = await createTestService(t)
  await service.call('CreateLaunchConfigurationTemplate', {
    bootMode: 'UEFI',
    largeVolumeConf: { volumeType: 'st1', iops: 500 },
  })
  const sourceServerID = await service.register()
  const before = await service.server(sourceServerID)
  const { problems } = await planOf(service, sourceServerID)
  const expected = [
    /NOT_READY, where StartTest is not possible/,
    /boots with BIOS, .* ask for UEFI/,
    /\/dev\/sda is a volume of type st1, .* Iops 500/,
    /\/dev\/sdb/,
  ]
  assert.equal(problems.length, expected.length, problems.join('\n'))
  for (const [index, words] of expected.entries()) assert.match(problems[index] ?? '', words)
  assert.deepEqual(await service.server(sourceServerID), before)
})

test('of a server that no agent has looked at, the plan claims nothing', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const unseen = JSON.stringify({ ...PROPERTIES, disks: [], cpus: [], ramBytes: 0 })
  await service.dependencies.db.updateTable('source_servers').set({ properties: unseen }).execute()
  const { typeReason, rightSizing, problems } = await planOf(service, sourceServerID)
  assert.match(typeReason, /No agent has looked/)
  assert.equal(rightSizing, undefined)
  assert.deepEqual(problems, [])
})

test('the plan of a cutover names the instance that it removes, and the protection that forbids it', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID, lifeCycle })
  const [InstanceId] = await service.dependencies.provider.list()
  const plan = await planOf(service, sourceServerID)
  assert.equal(plan.purpose, 'CUTOVER')
  assert.deepEqual([plan.removes, plan.problems], [[InstanceId], []])
  const DisableApiTermination = { Value: true }
  await service.call('ModifyInstanceAttribute', { InstanceId, DisableApiTermination })
  assert.match((await planOf(service, sourceServerID)).problems[0] ?? '', /termination protection/)
})
