import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService } from '../test-service.ts'

const HOST = 'i-0123456789abcdef0'

interface ConnectorView {
  readonly connectorID: string
  readonly arn: string
  readonly name: string
}

test('a connector is made, given to a server, renamed, and deleted once nobody has it', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.register()
  const { connectorID, arn } = await service.call<ConnectorView>('CreateConnector', {
    name: 'cellar',
    ssmInstanceID: HOST,
  })
  const connectorAction = { connectorArn: arn }
  assert.deepEqual(
    (
      (await service.call<object>('UpdateSourceServer', {
        sourceServerID,
        connectorAction,
      })) as never
    )['connectorAction'],
    connectorAction,
  )
  const renamed = await service.call<ConnectorView>('UpdateConnector', {
    connectorID,
    name: 'attic',
  })
  assert.equal(renamed.name, 'attic')
  await assert.rejects(
    service.call('DeleteConnector', { connectorID }),
    /still has 1 source servers/,
  )
  await service.call('UpdateSourceServer', { sourceServerID, connectorAction: {} })
  await service.call('DeleteConnector', { connectorID })
  assert.deepEqual(await service.call('ListConnectors'), { items: [] })
  await assert.rejects(service.call('UpdateSourceServer', { sourceServerID, connectorAction }), {
    code: 'not_found',
  })
})

test('the fifty-first connector is refused', async (t) => {
  const service = await createTestService(t)
  const create = () => service.call('CreateConnector', { name: 'many', ssmInstanceID: HOST })
  for (let count = 0; count < 50; count++) await create()
  await assert.rejects(create(), /50 connectors, which is the limit/)
})
