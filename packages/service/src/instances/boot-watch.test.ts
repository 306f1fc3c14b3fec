import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { createTestService } from '../test-service.ts'
import { BootWatch } from './boot-watch.ts'

test('the screen of an instance is kept until it has come up; in time or it is UNKNOWN', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const { launchedInstance } = await service.server(sourceServerID)
  const instanceID = launchedInstance?.ec2InstanceID ?? ''
  const folder = await mkdtemp('/tmp/landfall-screens-')
  t.after(() => rm(folder, { recursive: true }))
  const screenshotPath = path.join(folder, 'screenshot.png')
  const filesOf = (id: string) => {
    assert.equal(id, instanceID)
    return { serialLogPath: '', screenshotPath }
  }

  const { instances, ...rest } = service.dependencies
  const watch = new BootWatch({ ...rest, instances: { ...instances, filesOf } })
  await watch.look()
  assert.equal((await readFile(screenshotPath)).toString('latin1', 1, 4), 'PNG')
  assert.equal((await service.server(sourceServerID)).launchedInstance?.firstBoot, 'WAITING')

  service.later(service.dependencies.timing.firstBootDeadlineMs)
  await watch.look()
  assert.equal((await service.server(sourceServerID)).launchedInstance?.firstBoot, 'UNKNOWN')
})
