import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstanceChanges } from '@landfall/model'
import { createTestService } from '../test-service.ts'

test('what an instance has written is told until it is terminated, or its disks stand alone', async (t) => {
  const service = await createTestService(t)
  const changes = (instanceID: string) =>
    service.call<InstanceChanges>('DescribeInstanceChanges', { instanceID })
  const sourceServerID = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const { launchedInstance } = await service.server(sourceServerID)
  const instanceID = launchedInstance?.ec2InstanceID ?? assert.fail()
  const { disks } = await changes(instanceID)
  assert.deepEqual(
    disks.map((disk) => typeof disk.writtenBytes),
    disks.map(() => 'number'),
  )
  assert.ok(disks.length > 0)

  const { db } = service.dependencies
  const independent = { independent_at: service.clock }
  await db.updateTable('instances').set(independent).execute()
  await assert.rejects(changes(instanceID), { code: 'conflict', message: /stand alone/ })
  await db.updateTable('instances').set({ independent_at: null }).execute()
  await service.call('TerminateInstances', { InstanceIds: [instanceID] })
  await assert.rejects(changes(instanceID), { code: 'conflict', message: /was terminated/ })
  await assert.rejects(changes('i-0'), { code: 'not_found' })
})
