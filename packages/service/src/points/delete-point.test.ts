import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PointView } from '@landfall/model'
import { createTestService, type TestService } from '../test-service.ts'
import { PointSchedule } from './point-schedule.ts'

async function list(service: TestService, sourceServerID: string): Promise<PointView[]> {
  return (await service.call<{ points: PointView[] }>('ListPoints', { sourceServerID })).points
}

/** A server with two points, and the ID of the first. */
async function twoPoints(service: TestService) {
  const sourceServerID = await service.readyServer()
  await service.call('CreatePoint', { sourceServerID })
  await service.agentWorks(sourceServerID)
  const [first, newest] = await list(service, sourceServerID)
  assert.ok(first && newest)
  return { sourceServerID, pointID: first.id, newest: newest.id }
}

test('a point is deleted by hand; the newest is not', async (t) => {
  const service = await createTestService(t)
  const { sourceServerID, pointID, newest } = await twoPoints(service)
  const ofNewest = { sourceServerID, pointID: newest }
  await assert.rejects(service.call('DeletePoint', ofNewest), /it is the newest/)
  await service.working(async () => {
    const answer = await service.call('DeletePoint', { sourceServerID, pointID })
    assert.deepEqual(answer, { pointID, state: 'DELETED' })
  })
  assert.deepEqual(
    (await list(service, sourceServerID)).map((point) => point.id),
    [newest],
  )
  const again = service.call('DeletePoint', { sourceServerID, pointID })
  await assert.rejects(again, { code: 'not_found' })
})

test('a point that is pinned or compared is not deleted, nor one before it', async (t) => {
  const service = await createTestService(t)
  const { sourceServerID, pointID, newest } = await twoPoints(service)
  await service.working(async () => {
    const ofNewest = { sourceServerID, pointID: newest }
    const { pinID } = await service.call<{ pinID: string }>('PinPoint', ofNewest)
    const deletion = () => service.call('DeletePoint', { sourceServerID, pointID })
    await assert.rejects(deletion(), (error: Error) => error.message.includes(newest))
    await service.call('UnpinPoint', { pinID })
    const { verificationID: commandID } = await service.call<{ verificationID: string }>(
      'StartVerification',
      ofNewest,
    )
    await assert.rejects(deletion(), { code: 'conflict' })
    const outcome = { ok: false, error: 'the source was restarted' } as const
    await service.report(sourceServerID, { results: [{ commandID, outcome }] })
    assert.deepEqual(await deletion(), { pointID, state: 'DELETED' })
  })
})

test('what the staging area refuses is a conflict, and the point is there as before', async (t) => {
  const service = await createTestService(t)
  const { sourceServerID, pointID } = await twoPoints(service)
  const deletion = service.call('DeletePoint', { sourceServerID, pointID })
  let commandID: string | undefined
  while (commandID === undefined) commandID = (await service.pollStaging()).commands[0]?.commandID
  const outcome = { ok: false, error: 'i-1 needs it', code: 'conflict' }
  await service.asStaging('SendChannelCommandResult', { commandID, outcome })
  await assert.rejects(deletion, { code: 'conflict', message: /i-1 needs it/ })
  assert.equal((await list(service, sourceServerID))[0]?.state, 'AVAILABLE')
})

test('a deletion that takes longer than a call may goes on by itself', async (t) => {
  const service = await createTestService(t, { timing: { operatorWaitMs: 1 } })
  const { sourceServerID, pointID } = await twoPoints(service)
  const deletion = () => service.call('DeletePoint', { sourceServerID, pointID })
  assert.deepEqual(await deletion(), { pointID, state: 'DELETING' })
  assert.deepEqual(await deletion(), { pointID, state: 'DELETING' })
  assert.equal((await service.stagingWorks()).length, 1)
  assert.deepEqual(await deletion(), { pointID, state: 'DELETED' })
})

test('a point that failed is forgotten, one that is being made is not', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const { point } = await service.call<{ point: PointView }>('CreatePoint', { sourceServerID })
  const input = { sourceServerID, pointID: point.id }
  await assert.rejects(service.call('DeletePoint', input), /it is being made/)
  service.later(service.dependencies.timing.pointDeadlineMs + 1)
  await new PointSchedule(service.dependencies).look()
  assert.deepEqual(await service.call('DeletePoint', input), {
    pointID: point.id,
    state: 'DELETED',
  })
  assert.ok((await list(service, sourceServerID)).every(({ id }) => id !== point.id))
})
