import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findTransition,
  LIFECYCLE_EVENTS,
  LIFECYCLE_STATES,
  LIFECYCLE_TRANSITIONS,
  type LandfallError,
} from '@landfall/model'
import { createTestService, type JobView } from '../test-service.ts'
import { changeLifecycle } from './change-lifecycle.ts'

test('a server goes from the agent to the archive', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  assert.equal((await service.server(id)).lifeCycle.state, 'READY_FOR_TEST')

  const { job } = await service.call<{ job: JobView }>('StartTest', { sourceServerIDs: [id] })
  assert.equal(job.status, 'PENDING')
  assert.deepEqual(job.participatingServers, [{ sourceServerID: id, launchStatus: 'PENDING' }])
  assert.equal((await service.server(id)).lifeCycle.state, 'TESTING')
  assert.equal((await service.server(id)).lifeCycle.lastTest.initiated?.jobID, job.jobID)
  await service.runJobs()
  const tested = await service.server(id)
  assert.equal(tested.launchedInstance?.firstBoot, 'WAITING')

  const toCutover = { sourceServerID: id, lifeCycle: { state: 'READY_FOR_CUTOVER' } }
  await service.call('ChangeServerLifeCycleState', toCutover)
  assert.ok((await service.server(id)).lifeCycle.lastTest.finalized)
  await service.call('StartCutover', { sourceServerIDs: [id] })
  await service.runJobs()
  const cut = await service.server(id)
  assert.equal(cut.lifeCycle.state, 'CUTTING_OVER')
  const instanceID = cut.launchedInstance?.ec2InstanceID ?? ''
  assert.notEqual(instanceID, tested.launchedInstance?.ec2InstanceID)
  const { provider } = service.dependencies
  assert.deepEqual(await provider.list(), [instanceID])

  await service.call('FinalizeCutover', { sourceServerID: id })
  const final = await service.server(id)
  assert.equal(final.lifeCycle.state, 'CUTOVER')
  assert.ok(final.lifeCycle.lastCutover.finalized)
  assert.equal(final.dataReplicationInfo.dataReplicationState, 'DISCONNECTED')
  assert.equal(final.dataReplicationInfo.lagDuration, undefined)
  assert.deepEqual(
    final.dataReplicationInfo.replicatedDisks.map((disk) => disk.totalStorageBytes),
    [0, 0],
  )
  assert.equal((await service.pollAgent(id)).configuration.desired, 'DISCONNECTED')
  await service.runJobs()
  assert.deepEqual(await provider.list(), [instanceID])
  const instance = await service.call<{ independent: boolean; disks: { path: string }[] }>(
    'DescribeInstance',
    { instanceID },
  )
  assert.equal(instance.independent, true)
  assert.match(instance.disks[0]?.path ?? '', /independent$/)

  await service.call('MarkAsArchived', { sourceServerID: id })
  assert.equal((await service.server(id)).isArchived, true)
  await service.call('DeleteSourceServer', { sourceServerID: id })
  assert.deepEqual(await service.call('DescribeSourceServers', { filters: {} }), { items: [] })
  assert.equal((await service.pollAgent(id)).configuration.desired, 'DISCONNECTED')
})

test('every event in every state does what the table says, or is a conflict that changes nothing', async (t) => {
  const service = await createTestService(t)
  const { db, timing } = service.dependencies
  const sourceServerID = await service.readyServer()
  for (const state of LIFECYCLE_STATES) {
    for (const event of LIFECYCLE_EVENTS) {
      const set = { state, desired: 'REPLICATING', instance_id: null } as const
      const change = { sourceServerID, event, now: service.clock, timing, jobID: 'mgnjob-1' }
      const row = findTransition(event, state)
      const what = `${event} in ${state}`
      const rollback = new Error('rolled back')
      await db
        .transaction()
        .execute(async (trx) => {
          await trx.updateTable('source_servers').set(set).execute()
          if (row === undefined) {
            await assert.rejects(changeLifecycle(trx, change), { code: 'conflict' }, what)
          } else {
            await changeLifecycle(trx, change)
          }
          const after = await trx.selectFrom('source_servers').select('state').executeTakeFirst()
          const to = row === undefined || row.to === 'same' ? state : row.to
          assert.equal(after?.state, to === 'removed' ? undefined : to, what)
          throw rollback
        })
        .catch((error: unknown) => assert.equal(error, rollback))
    }
  }
})

test('an event that needs a point is a conflict without one', async (t) => {
  const service = await createTestService(t)
  const { db, timing } = service.dependencies
  const sourceServerID = await service.register()
  for (const { event, from, guard } of LIFECYCLE_TRANSITIONS) {
    if (guard !== 'launchable') continue
    for (const state of from) {
      await db.updateTable('source_servers').set({ state }).execute()
      const change = { sourceServerID, event, now: service.clock, timing }
      await assert.rejects(
        db.transaction().execute((trx) => changeLifecycle(trx, change)),
        (error: LandfallError) => error.details.errors?.[0]?.code === 'NOT_LAUNCHABLE',
        `${event} in ${state}`,
      )
    }
  }
})

test('one refused server refuses all, and each is named with its reason', async (t) => {
  const service = await createTestService(t)
  const ready = await service.readyServer()
  const early = await service.register()
  const unknown = 's-00000000000000000'
  const sourceServerIDs = [ready, early, unknown]
  await assert.rejects(service.call('StartTest', { sourceServerIDs }), (error: LandfallError) => {
    assert.equal(error.code, 'conflict')
    const errors = error.details.errors?.map(({ resourceId, code }) => [resourceId, code])
    assert.deepEqual(Object.fromEntries(errors ?? []), {
      [early]: 'ILLEGAL_STATE',
      [unknown]: 'NOT_FOUND',
    })
    return true
  })
  assert.equal((await service.server(ready)).lifeCycle.state, 'READY_FOR_TEST')
  assert.deepEqual(service.queued, [])
})

test('a server takes part in one job at a time', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [id] })
  for (const name of ['StartTest', 'TerminateTargetInstances']) {
    await assert.rejects(service.call(name, { sourceServerIDs: [id] }), { code: 'conflict' }, name)
  }
  for (const name of ['DisconnectFromService', 'StopReplication']) {
    await assert.rejects(service.call(name, { sourceServerID: id }), { code: 'conflict' }, name)
  }
})

test('at most twenty jobs run at once, also when they are asked for together', async (t) => {
  const service = await createTestService(t)
  const ids = []
  for (let count = 0; count < 22; count += 1) ids.push(await service.readyServer())
  const started = await Promise.allSettled(
    ids.map((id) => service.call('StartTest', { sourceServerIDs: [id] })),
  )
  assert.equal(started.filter((one) => one.status === 'fulfilled').length, 20)
})

test('finalising is refused where no cutover instance was launched', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const lifeCycle = { state: 'READY_FOR_CUTOVER' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID: id, lifeCycle })
  await service.call('StartCutover', { sourceServerIDs: [id] })
  await service.runJobs({ fail: ({ type }) => (type === 'CONVERT' ? 'no space' : undefined) })
  await assert.rejects(service.call('FinalizeCutover', { sourceServerID: id }), {
    code: 'conflict',
  })
  assert.equal((await service.server(id)).dataReplicationInfo.dataReplicationState, 'CONTINUOUS')
})

test('a server that was disconnected comes back with its ID and leaves its instance alone', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer({ machineIdentity: 'the machine' })
  await service.call('StartTest', { sourceServerIDs: [id] })
  await service.runJobs()
  const { provider } = service.dependencies
  const before = await provider.list()
  await service.call('DisconnectFromService', { sourceServerID: id })
  await assert.rejects(service.register({ machineIdentity: 'the machine' }), { code: 'conflict' })
  await service.runJobs()
  assert.equal(await service.readyServer({ machineIdentity: 'the machine' }), id)
  assert.equal((await service.server(id)).launchedInstance, undefined)
  await service.call('StartTest', { sourceServerIDs: [id] })
  await service.runJobs()
  const after = await provider.list()
  assert.equal(after.length, 2)
  assert.ok(before.every((instance) => after.includes(instance)))
})

test('terminating removes the instance and says so', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [id] })
  await service.runJobs()
  const lifeCycle = { state: 'READY_FOR_TEST' }
  await service.call('ChangeServerLifeCycleState', { sourceServerID: id, lifeCycle })
  assert.ok((await service.server(id)).lifeCycle.lastTest.reverted)
  const { job } = await service.call<{ job: JobView }>('TerminateTargetInstances', {
    sourceServerIDs: [id],
  })
  await service.runJobs()
  assert.deepEqual(await service.jobLog(job.jobID), [
    'JOB_START',
    'CLEANUP_START',
    'CLEANUP_END',
    'JOB_END',
  ])
  assert.deepEqual(await service.dependencies.provider.list(), [])
  assert.equal((await service.server(id)).launchedInstance, undefined)
  const again = service.call('TerminateTargetInstances', { sourceServerIDs: [id] })
  await assert.rejects(again, { code: 'conflict' })
})

test('replication can be paused, resumed, stopped and started', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const state = async () => (await service.server(id)).dataReplicationInfo.dataReplicationState
  await service.call('PauseReplication', { sourceServerID: id })
  assert.equal(await state(), 'PAUSED')
  assert.equal((await service.pollAgent(id)).configuration.desired, 'PAUSED')
  await assert.rejects(service.call('PauseReplication', { sourceServerID: id }), {
    code: 'conflict',
  })
  await service.call('ResumeReplication', { sourceServerID: id })
  assert.equal(await state(), 'CONTINUOUS')
  await service.call('StopReplication', { sourceServerID: id })
  assert.equal(await state(), 'STOPPED')
  const start = () => service.call('StartReplication', { sourceServerID: id })
  await assert.rejects(start(), { code: 'conflict' })
  await service.runJobs()
  await start()
  assert.equal(await state(), 'INITIATING')
  assert.equal((await service.server(id)).lifeCycle.state, 'NOT_READY')
  const commands = await service.stagingWorks()
  assert.deepEqual(
    commands.map((command) => command.type),
    ['CREATE_VOLUMES'],
  )
})
