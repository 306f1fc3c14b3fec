import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StagingCommand } from '@landfall/model'
import { createTestService, type SourceServerView } from '../test-service.ts'

test('an instance reports its first boot with the token that only its disk holds', async (t) => {
  const service = await createTestService(t)
  const { db } = service.dependencies
  const sourceServerID = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  let conversion: StagingCommand | undefined
  await service.runJobs({
    fail(command) {
      if (command.type === 'CONVERT') conversion = command
      return undefined
    },
  })
  assert.ok(conversion?.type === 'CONVERT')
  const { identity, primaryInterface, targetMac } = conversion.plan
  assert.deepEqual(primaryInterface, { name: 'ens3' })
  assert.match(targetMac, /^52:54:00/)
  assert.equal(identity.endpoint, 'https://10.0.2.2:8443')
  const stored = await db.selectFrom('staging_commands').select('command').execute()
  assert.ok(!JSON.stringify(stored).includes(identity.token), 'the token is not stored')

  const firstBoot = async () =>
    ((await service.server(sourceServerID)) satisfies SourceServerView).launchedInstance?.firstBoot
  const report = (token: string) =>
    service.callForMgn('UpdateAgentConversionInfo', {
      instanceID: identity.instanceID,
      token,
      hostname: 'web01',
    })
  await assert.rejects(report('wrong'), { code: 'access_denied' })
  assert.equal(await firstBoot(), 'WAITING')
  await report(identity.token)
  await report(identity.token)
  assert.equal(await firstBoot(), 'SUCCEEDED')
  const { instanceID } = identity
  const described = await service.call<{ state: string }>('DescribeInstance', { instanceID })
  assert.equal(described.state, 'running')
})
