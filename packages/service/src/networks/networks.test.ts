import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryGuest, readGuestFacts } from '@landfall/guest'
import type { MemoryProvider } from '@landfall/launch'
import type { InterfaceSettings, StagingCommand } from '@landfall/model'
import { createTestService, PROPERTIES, unknownServer } from '../test-service.ts'
import type { InstanceNetworkPlan } from './network-plans.ts'
import { ISOLATED_NETWORK, networksSchema, type InstanceNetwork } from './networks.ts'

const LAN: InstanceNetwork = {
  name: 'lan',
  subnetID: 'subnet-0123456789abcdef0',
  kind: 'bridge',
  bridge: 'br0',
  cidr: '192.0.2.0/24',
}

const SETTINGS: InterfaceSettings = {
  addresses: ['192.0.2.10/24'],
  gateway: '192.0.2.1',
  routes: [],
  nameServers: ['192.0.2.53'],
  searchDomains: [],
}

const facts = await readGuestFacts(new MemoryGuest({}))

/** A service with one ready server of two network interfaces. */
async function prepared(t: TestContext, settings = SETTINGS) {
  const service = await createTestService(t, { networks: [LAN] })
  const sourceServerID = await service.readyServer()
  const [primary] = PROPERTIES.networkInterfaces
  assert.ok(primary)
  const networkInterfaces = [
    { ...primary, settings },
    { ...primary, name: 'ens4', isPrimary: false },
  ]
  await service.asAgent('UpdateAgentSourceProperties', {
    sourceServerID,
    sourceProperties: { ...PROPERTIES, networkInterfaces },
  } as { sourceServerID: string })
  const launch = async (operation: 'StartTest' | 'StartCutover') => {
    let conversion: StagingCommand | undefined
    await service.call(operation, { sourceServerIDs: [sourceServerID] })
    await service.runJobs({
      fail(command) {
        if (command.type === 'CONVERT') conversion = command
        return undefined
      },
    })
    const { launchedInstance } = await service.server(sourceServerID)
    const instanceID = launchedInstance?.ec2InstanceID ?? ''
    const { plans } = service.dependencies.provider as MemoryProvider
    const conversionPlan = conversion?.type === 'CONVERT' ? conversion.plan : undefined
    return { instanceID, nic: plans.get(instanceID)?.nics[0]?.network, conversionPlan }
  }
  const template = async (subnetID: string) => {
    const { ec2LaunchTemplateID: LaunchTemplateId } = await service.call<{
      ec2LaunchTemplateID: string
    }>('GetLaunchConfiguration', { sourceServerID })
    const LaunchTemplateData = { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnetID }] }
    const named = { LaunchTemplateId, LaunchTemplateData, SourceVersion: '$Latest' }
    const { LaunchTemplateVersion } = await service.call<{
      LaunchTemplateVersion: { VersionNumber: number }
    }>('CreateLaunchTemplateVersion', named)
    const DefaultVersion = String(LaunchTemplateVersion.VersionNumber)
    await service.call('ModifyLaunchTemplate', { LaunchTemplateId, DefaultVersion })
  }
  return { service, sourceServerID, launch, template }
}

test('a test instance is isolated unless somebody says otherwise; a cutover instance is not', async (t) => {
  const { service, sourceServerID, launch, template } = await prepared(t)
  await template(LAN.subnetID)
  const first = await launch('StartTest')
  assert.deepEqual(first.nic, { kind: 'isolated' })
  assert.deepEqual(first.conversionPlan?.primaryInterface, { name: 'ens3' })
  assert.deepEqual(first.conversionPlan?.otherInterfaces, ['ens4'])
  assert.equal(first.conversionPlan?.identity.endpoint, 'https://10.0.2.2:8443')

  const settings = { sourceServerID, testNetwork: 'LIKE_CUTOVER' }
  assert.deepEqual(await service.call('UpdateNetworkSettings', settings), {
    ...settings,
    isDefault: false,
  })
  const second = await launch('StartTest')
  assert.deepEqual(second.nic, { kind: 'bridge', bridge: 'br0' })
  assert.equal(second.conversionPlan?.identity.endpoint, 'https://192.0.2.1:8443')
  const described = await service.call<{ network: InstanceNetworkPlan }>('DescribeInstance', {
    instanceID: second.instanceID,
  })
  assert.deepEqual(described.network.network, LAN)

  await service.call('UpdateNetworkSettings', { sourceServerID, testNetwork: null })
  assert.deepEqual(await service.call('GetNetworkSettings', { sourceServerID }), {
    sourceServerID,
    testNetwork: 'ISOLATED',
    isDefault: true,
  })
  await service.call('ChangeServerLifeCycleState', {
    sourceServerID,
    lifeCycle: { state: 'READY_FOR_CUTOVER' },
  })
  const third = await launch('StartCutover')
  assert.deepEqual(third.nic, { kind: 'bridge', bridge: 'br0' })
  const { Reservations } = await service.call<{
    Reservations: { Instances: { SubnetId: string; PrivateIpAddress?: string }[] }[]
  }>('DescribeInstances', { InstanceIds: [third.instanceID] })
  assert.equal(Reservations[0]?.Instances[0]?.SubnetId, LAN.subnetID)
})

test('with copyPrivateIp the instance has the address of the source, and says so', async (t) => {
  const { service, sourceServerID, launch } = await prepared(t)
  await service.call('UpdateLaunchConfiguration', { sourceServerID, copyPrivateIp: true })
  const plan = await service.call<InstanceNetworkPlan>('DescribeNetworkPlan', {
    sourceServerID,
    purpose: 'TEST',
  })
  assert.deepEqual(
    plan.interfaces.map((one) => [one.name, one.target]),
    [
      ['ens3', 'STATIC'],
      ['ens4', 'NOT_ATTACHED'],
    ],
  )
  assert.deepEqual(plan.network, ISOLATED_NETWORK)
  const { instanceID, nic, conversionPlan } = await launch('StartTest')
  assert.deepEqual(conversionPlan?.primaryInterface, { name: 'ens3', settings: SETTINGS })
  assert.ok(nic?.kind === 'isolated')
  assert.equal(nic.subnet?.guest, '192.0.2.10')
  const { Reservations } = await service.call<{
    Reservations: { Instances: object[] }[]
  }>('DescribeInstances', { InstanceIds: [instanceID] })
  assert.partialDeepStrictEqual(Reservations[0]?.Instances[0], {
    PrivateIpAddress: '192.0.2.10',
    SubnetId: ISOLATED_NETWORK.subnetID,
  })
})

test('an address that has changed since the installation is the one that is kept', async (t) => {
  const { service, sourceServerID, launch } = await prepared(t)
  await service.call('UpdateLaunchConfiguration', { sourceServerID, copyPrivateIp: true })
  const [primary] = PROPERTIES.networkInterfaces
  const settings = { ...SETTINGS, addresses: ['192.0.2.77/24'], nameServers: ['192.0.2.54'] }
  const see = (networkInterfaces?: object[]) =>
    service.asAgent('UpdateAgentSourceProperties', {
      sourceServerID,
      guest: {
        lookedAt: service.clock.toISOString(),
        facts,
        ...(networkInterfaces && { networkInterfaces }),
      },
    } as { sourceServerID: string })
  await see([{ ...primary, ips: ['192.0.2.77'], settings }])
  const shown = await service.server(sourceServerID)
  assert.partialDeepStrictEqual(shown.sourceProperties, {
    networkInterfaces: [{ ips: ['192.0.2.77'], isPrimary: true }],
    disks: PROPERTIES.disks.map(({ deviceName, bytes }) => ({ deviceName, bytes })),
    lastUpdatedDateTime: service.clock.toISOString(),
  })
  // An agent of before does not tell, and a look that saw nothing says nothing.
  await see()
  await see([])
  assert.deepEqual((await service.server(sourceServerID)).sourceProperties, shown.sourceProperties)
  const { conversionPlan } = await launch('StartTest')
  assert.deepEqual(conversionPlan?.primaryInterface, { name: primary?.name, settings })
})

test('an address outside of the subnet fails the launch, and names both', async (t) => {
  const addresses = ['198.51.100.7/24']
  const { service, sourceServerID, launch, template } = await prepared(t, {
    ...SETTINGS,
    addresses,
    gateway: '198.51.100.1',
  })
  await template(LAN.subnetID)
  await service.call('UpdateLaunchConfiguration', { sourceServerID, copyPrivateIp: true })
  await service.call('UpdateNetworkSettings', { sourceServerID, testNetwork: 'LIKE_CUTOVER' })
  const asked = service.call('DescribeNetworkPlan', { sourceServerID, purpose: 'CUTOVER' })
  const refusal = { code: 'validation', message: /198\.51\.100\.7\/24.*192\.0\.2\.0\/24/ }
  await assert.rejects(asked, refusal)
  const { nic, conversionPlan } = await launch('StartTest')
  assert.equal(nic, undefined)
  assert.equal(conversionPlan, undefined, 'nothing was converted')
  const { items } = await service.call<{ items: { jobID: string }[] }>('DescribeJobs', {})
  const log = await service.call<{
    items: { logDateTime: string; eventData?: { rawError?: string } }[]
  }>('DescribeJobLogItems', { jobID: items[0]?.jobID ?? '' })
  const errors = log.items.map((item) => item.eventData?.rawError ?? '').join(' ')
  assert.match(errors, refusal.message)
  await template('subnet-0123456789abcdef1')
  await assert.rejects(
    service.call('DescribeNetworkPlan', { sourceServerID, purpose: 'CUTOVER' }),
    /subnet-0123456789abcdef1.*subnet-0123456789abcdef0 \(lan\).*config\.json/,
  )
})

test('settings are of a server that is there, and are one of two', async (t) => {
  const service = await createTestService(t)
  const input = { sourceServerID: unknownServer(), testNetwork: 'ISOLATED' }
  await assert.rejects(service.call('UpdateNetworkSettings', input), { code: 'not_found' })
  const sourceServerID = await service.readyServer()
  const wrong = { sourceServerID, testNetwork: 'OPEN' }
  await assert.rejects(service.call('UpdateNetworkSettings', wrong), { code: 'validation' })
})

test('new servers take over the test network of the template, and those of before do not', async (t) => {
  const service = await createTestService(t)
  const earlier = await service.register()
  const { launchConfigurationTemplateID } = await service.call<{
    launchConfigurationTemplateID: string
  }>('CreateLaunchConfigurationTemplate')
  const ofTemplate = { launchConfigurationTemplateID }
  const networkOf = async (owner: object) => {
    const { testNetwork, isDefault } = await service.call<{
      testNetwork: string
      isDefault: boolean
    }>('GetNetworkSettings', owner)
    return [testNetwork, isDefault]
  }
  assert.deepEqual(await networkOf(ofTemplate), ['ISOLATED', true])
  const chosen = { ...ofTemplate, testNetwork: 'LIKE_CUTOVER' }
  assert.deepEqual(await service.call('UpdateNetworkSettings', chosen), {
    ...chosen,
    isDefault: false,
  })
  const later = await service.register()
  await service.call('UpdateNetworkSettings', { ...ofTemplate, testNetwork: null })
  const last = await service.register()
  const networks = [earlier, later, last].map((sourceServerID) => networkOf({ sourceServerID }))
  assert.deepEqual(await Promise.all(networks), [
    ['ISOLATED', true],
    ['LIKE_CUTOVER', false],
    ['ISOLATED', true],
  ])
  const gone = { ...chosen, launchConfigurationTemplateID: 'lct-00000000000000000' }
  await assert.rejects(service.call('UpdateNetworkSettings', gone), { code: 'not_found' })
  await assert.rejects(networkOf(gone), { code: 'not_found' })
  const both = { ...chosen, sourceServerID: later }
  await assert.rejects(service.call('UpdateNetworkSettings', both), { code: 'validation' })
})

test('networks that contradict themselves or each other are refused', () => {
  assert.ok(
    networksSchema.safeParse([LAN, { ...LAN, subnetID: 'subnet-0123456789abcdef1' }]).success,
  )
  for (const wrong of [
    [LAN, LAN],
    [{ ...LAN, subnetID: ISOLATED_NETWORK.subnetID }],
    [{ ...LAN, bridge: 'br 0' }],
    [{ ...LAN, bridge: undefined }],
    [{ ...LAN, cidr: '192.0.2.1/24' }],
    [{ ...LAN, kind: 'user' }],
    [{ ...LAN, kind: 'vlan' }],
  ]) {
    assert.equal(networksSchema.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
})
