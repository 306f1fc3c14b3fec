import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService } from '../test-service.ts'
import type { PointView } from '@landfall/model'

const REPORT = {
  disks: [
    {
      deviceName: '/dev/sda',
      comparedBytes: 8,
      equalBytes: 8,
      changedBytes: 0,
      differentBytes: 0,
      differentOffsets: [],
    },
  ],
}

test('a point is asked for, made, listed and described', async (t) => {
  const service = await createTestService(t)
  const id = await service.readyServer()
  const sourceServerID = id
  const { point } = await service.call<{ point: PointView }>('CreatePoint', { sourceServerID })
  assert.equal(point.state, 'REQUESTED')
  assert.equal(point.takenAt, null)
  await service.agentWorks(id)
  const described = await service.call<{ point: PointView }>('DescribePoint', {
    sourceServerID,
    pointID: point.id,
  })
  assert.equal(described.point.state, 'AVAILABLE')
  assert.equal(described.point.consistency, 'filesystem')
  assert.equal(described.point.sizeBytes, 200)
  const { points } = await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })
  assert.deepEqual(points.at(-1), described.point)
  assert.deepEqual(
    points.map((one) => one.reason),
    ['SCHEDULED', 'ON_DEMAND'],
  )
})

test('no point is made where none can be, nor more at once than can be', async (t) => {
  const service = await createTestService(t)
  const early = await service.register()
  await assert.rejects(service.call('CreatePoint', { sourceServerID: early }), /not started/)
  const sourceServerID = await service.readyServer()
  for (let count = 0; count < 4; count += 1) await service.call('CreatePoint', { sourceServerID })
  await assert.rejects(service.call('CreatePoint', { sourceServerID }), { code: 'conflict' })
  service.later(service.dependencies.timing.pointDeadlineMs + 1)
  await service.report(sourceServerID)
  await service.call('CreatePoint', { sourceServerID })
})

test('a point that is told twice, or after it was given up, is there once', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const { point } = await service.call<{ point: PointView }>('CreatePoint', { sourceServerID })
  const [command] = (await service.pollAgent(sourceServerID)).commands
  const outcome = { ok: false, error: 'connection lost' } as const
  await service.report(sourceServerID, {
    results: [{ commandID: command?.commandID ?? '', outcome }],
  })
  const read = async () => {
    const input = { sourceServerID, pointID: point.id }
    return (await service.call<{ point: PointView }>('DescribePoint', input)).point
  }
  assert.equal((await read()).error, 'connection lost')
  await service.pointCreated(sourceServerID, point.id)
  await service.pointCreated(sourceServerID, point.id)
  assert.equal((await read()).state, 'AVAILABLE')
  assert.equal((await read()).error, undefined)
})

test('a verification that finds no difference marks the point', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const { points } = await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })
  const pointID = points[0]?.id ?? ''
  const { verificationID } = await service.call<{ verificationID: string }>('StartVerification', {
    sourceServerID,
    pointID,
  })
  const status = () => service.call<object>('DescribeVerification', { verificationID })
  assert.deepEqual(await status(), { status: 'RUNNING' })
  const result = { commandID: verificationID, outcome: { ok: true, result: REPORT } as const }
  await service.report(sourceServerID, { results: [result] })
  assert.deepEqual(await status(), { status: 'COMPLETED', report: REPORT })
  const after = await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })
  assert.ok(after.points[0]?.verifiedAt)
})

test('a pin is set by the staging area and taken out again', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const { points } = await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })
  const pointID = points[0]?.id ?? ''
  await service.working(async () => {
    const pin = await service.call<{ pinID: string; disks: object[] }>('PinPoint', {
      sourceServerID,
      pointID,
    })
    assert.equal(pin.disks.length, 2)
    await service.call('UnpinPoint', { pinID: pin.pinID })
    await assert.rejects(service.call('UnpinPoint', { pinID: pin.pinID }), { code: 'not_found' })
  })
})

test('a pin that the staging area does not set in time is taken out when it does', async (t) => {
  const service = await createTestService(t, { timing: { operatorWaitMs: 1 } })
  const sourceServerID = await service.readyServer()
  const { points } = await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })
  const input = { sourceServerID, pointID: points[0]?.id }
  await assert.rejects(service.call('PinPoint', input), { code: 'unavailable' })
  service.later(1)
  const commands = await service.stagingWorks()
  assert.deepEqual(
    commands.map((command) => command.type),
    ['UNPIN_POINT'],
  )
})
