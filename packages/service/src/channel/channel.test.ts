import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB, type AgentPollAnswer, type ChannelPollAnswer } from '@landfall/model'
import { createTestService, PROPERTIES } from '../test-service.ts'
import { agentKey } from './notifier.ts'

test('a new server replicates step by step until it has its first point', async (t) => {
  const service = await createTestService(t)
  const id = await service.register({ userProvidedID: 'web01', tags: { team: 'a' } })
  const state = async () => (await service.server(id)).dataReplicationInfo.dataReplicationState
  const fresh = await service.server(id)
  assert.equal(fresh.lifeCycle.state, 'NOT_READY')
  assert.equal(fresh.arn, `arn:aws:mgn:lf-local-1:123456789012:source-server/${id}`)
  assert.deepEqual(fresh.sourceProperties['disks'], [
    { deviceName: '/dev/sdb', bytes: 64 * 1024 * 1024 },
    { deviceName: '/dev/sda', bytes: 128 * 1024 * 1024 },
  ])
  assert.equal(fresh.sourceProperties['recommendedInstanceType'], 'c5.large')
  assert.equal(await state(), 'INITIATING')

  const { commands, admitted } = await service.pollStaging()
  assert.deepEqual(admitted, [id])
  assert.equal(commands[0]?.type, 'CREATE_VOLUMES')
  await service.stagingWorks()
  assert.equal((await service.pollAgent(id)).configuration.desired, 'REPLICATING')
  await service.asStaging('NotifyAgentConnected', { sourceServerID: id })
  await service.report(id, { state: 'INITIAL_SYNC', etaSeconds: 60 })
  assert.equal(await state(), 'INITIAL_SYNC')
  assert.equal((await service.server(id)).dataReplicationInfo.lagDuration, undefined)

  await service.report(id)
  assert.equal(await state(), 'CREATING_SNAPSHOT')
  await service.report(id)
  const { commands: open } = await service.pollAgent(id)
  assert.deepEqual(
    open.map((command) => command.type),
    ['CREATE_POINT'],
  )
  await service.agentWorks(id)
  assert.equal(await state(), 'CONTINUOUS')
  const ready = await service.server(id)
  assert.equal(ready.lifeCycle.state, 'READY_FOR_TEST')
  assert.equal(ready.dataReplicationInfo.lagDuration, 'P0D')
  service.later(3_600_000)
  await service.report(id)
  assert.equal((await service.server(id)).lifeCycle.elapsedReplicationDuration, 'PT1H')
  assert.deepEqual((await service.pollAgent(id)).commands, [])
})

test('a machine that is registered again keeps its ID and its settings', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer({ machineIdentity: 'one' })
  const bandwidthThrottling = 50
  await service.call('UpdateReplicationConfiguration', { sourceServerID: id, bandwidthThrottling })
  assert.equal(await service.register({ machineIdentity: 'one' }), id)
  assert.notEqual(await service.register({ machineIdentity: 'two' }), id)
  assert.equal((await service.server(id)).lifeCycle.state, 'READY_FOR_TEST')
  assert.equal((await service.pollAgent(id)).configuration.bandwidthThrottlingMbps, 50)
})

test('disks that are added or left out are asked for at once, and only by the last request', async (t) => {
  const service = await createTestService(t)
  const machine = { machineIdentity: 'one' }
  const id = await service.register(machine)
  const third = { deviceName: '/dev/sdc', bytes: 32 * MIB, isBootDisk: false }
  const disks = [...PROPERTIES.disks.filter((disk) => disk.isBootDisk), third]
  await service.register({ ...machine, sourceProperties: { ...PROPERTIES, disks } })
  const asked = (await service.pollStaging()).commands.flatMap((command) =>
    command.type === 'CREATE_VOLUMES' ? [command.disks] : [],
  )
  assert.deepEqual(asked, [
    disks.map(({ deviceName, bytes: sizeBytes }) => ({ deviceName, sizeBytes })),
  ])
  assert.equal((await service.server(id)).sourceServerID, id)
})

test('a disk that has grown has its new size in the properties of the server', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const told = (deviceName: string, totalStorageBytes: number) => ({
    deviceName,
    totalStorageBytes,
    replicatedStorageBytes: 0,
    rescannedStorageBytes: 0,
    backloggedStorageBytes: 0,
  })
  await service.report(id, {
    // A disk that cannot be opened is told without a size.
    disks: [told('/dev/sda', 256 * MIB), told('/dev/sdb', 0)],
    unreplicatedDisks: ['/dev/sdx'],
  })
  const { sourceProperties } = await service.server(id)
  assert.deepEqual(sourceProperties['disks'], [
    { deviceName: '/dev/sdb', bytes: 64 * MIB },
    { deviceName: '/dev/sda', bytes: 256 * MIB },
  ])
})

test('two installers on one machine at once make one server', async (t) => {
  const service = await createTestService(t)
  const registrations = Array.from({ length: 5 }, () => service.register({ machineIdentity: 'm' }))
  assert.equal(new Set(await Promise.all(registrations)).size, 1)
})

test('without replication a server waits until it is started', async (t) => {
  const service = await createTestService(t)
  const id = await service.register({ noReplication: true })
  assert.equal((await service.server(id)).dataReplicationInfo.dataReplicationState, 'STOPPED')
  assert.deepEqual((await service.pollStaging()).admitted, [])
  await service.call('StartReplication', { sourceServerID: id })
  assert.deepEqual((await service.pollStaging()).admitted, [id])
})

test('an agent that is installed again without replication waits too, under its old ID', async (t) => {
  const service = await createTestService(t)
  const machineIdentity = 'one'
  const id = await service.readyServer({ machineIdentity })
  await service.call('DisconnectFromService', { sourceServerID: id })
  await service.runJobs()
  assert.equal(await service.register({ machineIdentity, noReplication: true }), id)
  const server = await service.server(id)
  assert.equal(server.lifeCycle.state, 'STOPPED')
  assert.equal(server.dataReplicationInfo.dataReplicationState, 'STOPPED')
  assert.equal((await service.pollAgent(id)).configuration.desired, 'STOPPED')
  await service.call('StartReplication', { sourceServerID: id })
  assert.equal((await service.server(id)).dataReplicationInfo.dataReplicationState, 'INITIATING')
})

test('the time of replication is counted while it is kept, and over all its spans', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const lifeCycle = async () => (await service.server(id)).lifeCycle
  const { firstByteDateTime } = await lifeCycle()
  assert.ok(firstByteDateTime)
  service.later(3_600_000)
  await service.call('PauseReplication', { sourceServerID: id })
  service.later(3_600_000)
  assert.equal((await lifeCycle()).elapsedReplicationDuration, 'PT2H')
  await service.call('StopReplication', { sourceServerID: id })
  service.later(3_600_000)
  assert.equal((await lifeCycle()).elapsedReplicationDuration, 'PT2H')
  await service.runJobs()
  await service.call('StartReplication', { sourceServerID: id })
  await service.stagingWorks()
  await service.report(id, { state: 'INITIAL_SYNC' })
  service.later(1_800_000)
  await service.pollAgent(id)
  const last = await lifeCycle()
  assert.equal(last.elapsedReplicationDuration, 'PT2H30M')
  assert.equal(last.firstByteDateTime, firstByteDateTime)
  assert.equal(last.lastSeenByServiceDateTime, service.clock.toISOString())
})

test('volumes that could not be created are asked for again, after a pause', async (t) => {
  const service = await createTestService(t)
  const id = await service.register()
  await service.stagingWorks(() => 'the disk is full')
  const info = (await service.server(id)).dataReplicationInfo
  assert.equal(info.dataReplicationState, 'STALLED')
  assert.match(info.dataReplicationError?.rawError ?? '', /full/)
  assert.deepEqual(await service.stagingWorks(), [])
  service.later(61_000)
  assert.equal((await service.stagingWorks()).length, 1)
  const after = (await service.server(id)).dataReplicationInfo
  assert.equal(after.dataReplicationState, 'INITIATING')
  assert.equal(after.dataReplicationError, undefined)
})

test('a first point that failed is asked for again, after a pause', async (t) => {
  const service = await createTestService(t)
  const id = await service.register()
  await service.report(id)
  const [command] = (await service.pollAgent(id)).commands
  const outcome = { ok: false, error: 'could not freeze' } as const
  await service.report(id, { results: [{ commandID: command?.commandID ?? '', outcome }] })
  const { dataReplicationError: told } = (await service.server(id)).dataReplicationInfo
  assert.equal(told?.error, 'SNAPSHOTS_FAILURE')
  assert.match(told?.rawError ?? '', /^Making a consistent point fails: could not freeze\. It is/)
  assert.deepEqual((await service.pollAgent(id)).commands, [])
  service.later(61_000)
  await service.report(id)
  assert.equal((await service.pollAgent(id)).commands.length, 1)
  await service.agentWorks(id)
  assert.equal((await service.server(id)).lifeCycle.state, 'READY_FOR_TEST')
})

test('a poll waits for something new and is answered at once when it comes', async (t) => {
  const service = await createTestService(t, { timing: { recheckMs: 60_000 } })
  const id = await service.readyServer()
  await service.pollAgent(id)
  const poll = () => {
    const input = { sourceServerID: id, waitSeconds: 3600 }
    return service.asAgent<AgentPollAnswer>('GetAgentCommand', input)
  }
  const waiting = poll()
  await service.call('CreatePoint', { sourceServerID: id })
  assert.equal((await waiting).commands[0]?.type, 'CREATE_POINT')
  const changed = poll()
  await service.call('PauseReplication', { sourceServerID: id })
  assert.equal((await changed).configuration.desired, 'PAUSED')
})

test('a command whose answer was lost comes again with the next poll', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  await service.call('CreatePoint', { sourceServerID: id })
  const first = await service.pollAgent(id)
  assert.equal(first.commands.length, 1)
  assert.deepEqual((await service.pollAgent(id)).commands, first.commands)
  const staging = await service.register().then(() => service.pollStaging())
  assert.equal(staging.commands.length, 1)
  const again: ChannelPollAnswer = await service.pollStaging()
  assert.deepEqual(again.commands, staging.commands)
})

test('a poll ends when the client goes away', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  await service.pollAgent(id)
  const input = { sourceServerID: id, waitSeconds: 20 }
  const waiting = service.asAgent('GetAgentCommand', input)
  service.stopping.abort(new Error('gone'))
  service.dependencies.notifier.notify(agentKey(id))
  await assert.rejects(waiting, /gone/)
})

test('agents reach only their own server, and bad input is named', async (t) => {
  const service = await createTestService(t)
  const id = await service.register()
  const caller = { kind: 'agent', sourceServerID: 's-11111111111111111' } as const
  const input = { sourceServerID: id, waitSeconds: 0 }
  await assert.rejects(service.callForMgn('GetAgentCommand', input, caller), {
    code: 'access_denied',
  })
  await assert.rejects(service.callForMgn('GetChannelCommands', {}, caller), { code: 'validation' })
  await assert.rejects(service.register({ agentVersion: 1 as unknown as string }), /agentVersion/)
  const [disk] = PROPERTIES.disks
  assert.ok(disk)
  const twice = { ...PROPERTIES, disks: [disk, disk] }
  await assert.rejects(service.register({ sourceProperties: twice }), { code: 'validation' })
})

test('what comes late for a disconnected server brings nothing back', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  await service.call('CreatePoint', { sourceServerID: id })
  const [command] = (await service.pollAgent(id)).commands
  assert.ok(command?.type === 'CREATE_POINT')
  await service.call('DisconnectFromService', { sourceServerID: id })
  await service.pointCreated(id, command.pointID)
  await service.asStaging('NotifyAgentConnected', { sourceServerID: id })
  await service.report(id)
  const server = await service.server(id)
  assert.equal(server.lifeCycle.state, 'DISCONNECTED')
  assert.equal(server.dataReplicationInfo.dataReplicationState, 'DISCONNECTED')
  assert.deepEqual(await service.call('ListPoints', { sourceServerID: id }), { points: [] })
  assert.deepEqual((await service.pollStaging()).admitted, [])
})
