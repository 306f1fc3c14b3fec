import assert from 'node:assert/strict'
import { test } from 'node:test'
import { POINT_POLICY_DEFAULT, type LandfallError, type PointPolicy } from '@landfall/model'
import { createTestService, unknownServer } from '../test-service.ts'

interface Answer {
  readonly policy: PointPolicy
  readonly isDefault: boolean
}

test('a server has the default policy until it is given its own, field by field', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const read = () => service.call<Answer>('GetPointPolicy', { sourceServerID })
  const update = (policy: object | null) =>
    service.call<Answer>('UpdatePointPolicy', { sourceServerID, policy })
  const standard = { sourceServerID, policy: POINT_POLICY_DEFAULT, isDefault: true }
  assert.deepEqual(await read(), standard)

  await update({ everyMinutes: 30 })
  await update({ enabled: false })
  const policy = { ...POINT_POLICY_DEFAULT, everyMinutes: 30, enabled: false }
  assert.deepEqual(await read(), { sourceServerID, policy, isDefault: false })

  assert.deepEqual(await update(null), standard)
  assert.deepEqual(await read(), standard)
})

test('a policy that is wrong is refused and changes nothing', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const update = (policy: object) => service.call('UpdatePointPolicy', { sourceServerID, policy })
  await assert.rejects(update({ everyMinutes: 0 }), (error: LandfallError) => {
    assert.equal(error.code, 'validation')
    assert.deepEqual(
      error.details.fields?.map((field) => field.name),
      ['everyMinutes'],
    )
    return true
  })
  await assert.rejects(update({ everyMinutes: '10m' }), { code: 'validation' })
  await assert.rejects(update({ every: 10 }), { code: 'validation' })
  const { isDefault } = await service.call<Answer>('GetPointPolicy', { sourceServerID })
  assert.equal(isDefault, true)
})

test('a policy is of a server that is there, and goes with it', async (t) => {
  const service = await createTestService(t)
  const input = { sourceServerID: unknownServer() }
  await assert.rejects(service.call('GetPointPolicy', input), { code: 'not_found' })
  const update = service.call('UpdatePointPolicy', { ...input, policy: { everyMinutes: 5 } })
  await assert.rejects(update, { code: 'not_found' })

  const sourceServerID = await service.readyServer()
  await service.call('UpdatePointPolicy', { sourceServerID, policy: { everyMinutes: 5 } })
  await service.call('DisconnectFromService', { sourceServerID })
  await service.call('DeleteSourceServer', { sourceServerID })
  const { db } = service.dependencies
  assert.deepEqual(await db.selectFrom('point_policies').selectAll().execute(), [])
})
