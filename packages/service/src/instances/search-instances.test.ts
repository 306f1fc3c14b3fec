import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { MemoryProvider } from '@landfall/launch'
import { instanceOperations } from './operations.ts'
import { createTestService, type TestService } from '../test-service.ts'
import { instanceToken } from './tokens.ts'

interface Found {
  readonly total: number
  readonly items: readonly Instance[]
}

interface Instance {
  readonly instanceID: string
  readonly sourceServerName?: string
  readonly purpose: string
  readonly state: string
  readonly firstBoot: string
  readonly firstBootDateTime?: string
  readonly refusals: Readonly<Record<string, string>>
}

const search = (service: TestService, input: object = {}) =>
  service.call<Found>('SearchInstances', input)

async function launched(service: TestService): Promise<string> {
  const sourceServerID = await service.readyServer()
  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await service.runJobs()
  const { launchedInstance } = await service.server(sourceServerID)
  return launchedInstance?.ec2InstanceID ?? assert.fail()
}

test('instances are found by name, server and purpose, and those that ended apart', async (t) => {
  const service = await createTestService(t)
  const first = await launched(service)
  service.later(1000)
  const second = await launched(service)
  const ids = async (input?: object) =>
    (await search(service, input)).items.map(({ instanceID }) => instanceID)
  assert.deepEqual(await ids(), [second, first])
  assert.deepEqual(await ids({ offset: 1, limit: 1 }), [first])
  assert.deepEqual(await ids({ text: 'WEB01.example' }), [second, first])
  assert.deepEqual(await ids({ text: first.toUpperCase() }), [first])
  assert.deepEqual(await ids({ text: '%' }), [])
  assert.deepEqual(await ids({ purposes: ['CUTOVER'] }), [])
  assert.deepEqual(await ids({ view: 'TERMINATED' }), [])
  const [found] = (await search(service, { limit: 1 })).items
  assert.deepEqual(
    [found?.sourceServerName, found?.purpose, found?.state, found?.firstBoot],
    ['web01', 'TEST', 'running', 'WAITING'],
  )

  await service.call('TerminateInstances', { InstanceIds: [first] })
  assert.deepEqual([await ids(), await ids({ view: 'TERMINATED' })], [[second], [first]])
  const ended = await service.call<Instance>('DescribeInstance', { instanceID: first })
  assert.equal(ended.state, 'terminated')
  assert.equal(ended.refusals['StartInstances'], 'It was terminated.')
})

test('what is refused of an instance is told before, and nothing else is refused', async (t) => {
  const service = await createTestService(t)
  const instanceID = await launched(service)
  const refusals = async () =>
    (await service.call<Instance>('DescribeInstance', { instanceID })).refusals
  const InstanceIds = [instanceID]
  assert.deepEqual(await refusals(), { StartInstances: 'It runs already.' })
  await service.call('RebootInstances', { InstanceIds })
  await service.call('StopInstances', { InstanceIds })
  assert.deepEqual(Object.keys(await refusals()), [
    'StopInstances',
    'RebootInstances',
    'OpenInstanceScreen',
  ])
  await assert.rejects(service.call('RebootInstances', { InstanceIds }), { code: 'conflict' })
  await service.call('StartInstances', { InstanceIds })

  const protect = (Value: boolean) =>
    service.call('ModifyInstanceAttribute', {
      InstanceId: instanceID,
      DisableApiTermination: { Value },
    })
  await protect(true)
  assert.match((await refusals())['TerminateInstances'] ?? '', /termination protection/)
  await assert.rejects(service.call('TerminateInstances', { InstanceIds }), /may not be terminated/)
  await protect(false)
  const { items } = await service.call<{ items: { sourceServerID: string }[] }>(
    'DescribeSourceServers',
  )
  await service.call('StartTest', { sourceServerIDs: [items[0]?.sourceServerID] })
  assert.match((await refusals())['TerminateInstances'] ?? '', /^Its server takes part in job /)
  await assert.rejects(service.call('TerminateInstances', { InstanceIds }), /takes part in job/)
})

test('the moment of the first boot is kept, and the first report counts', async (t) => {
  const service = await createTestService(t)
  const instanceID = await launched(service)
  const token = instanceToken(service.dependencies.instances.tokenKey, instanceID)
  const report = { instanceID, token, hostname: 'web01' }
  service.later(60_000)
  const bootedAt = service.clock.toISOString()
  await service.callForMgn('UpdateAgentConversionInfo', report)
  service.later(60_000)
  await service.callForMgn('UpdateAgentConversionInfo', report)
  const { firstBoot, firstBootDateTime } = await service.call<Instance>('DescribeInstance', {
    instanceID,
  })
  assert.deepEqual([firstBoot, firstBootDateTime], ['SUCCEEDED', bootedAt])
})

test('a screen is shown live while the instance runs, and as it was kept afterwards', async (t) => {
  const service = await createTestService(t)
  const instanceID = await launched(service)
  const folder = await mkdtemp('/tmp/landfall-screens-')
  t.after(() => rm(folder, { recursive: true }))
  const screenshotPath = path.join(folder, 'screenshot.png')
  const { dependencies } = service
  const instances = {
    ...dependencies.instances,
    filesOf: () => ({ serialLogPath: '', screenshotPath }),
  }
  const jobs = { enqueue: () => Promise.resolve(), wake: () => {} }
  const { landfall } = instanceOperations({ ...dependencies, instances, jobs })
  const picture = async () =>
    (await landfall?.['GetInstanceScreenshot']?.({ instanceID } as never, {} as never)) as {
      imageData: string
      isLive: boolean
    }
  const live = await picture()
  assert.equal(Buffer.from(live.imageData, 'base64').toString('latin1', 1, 4), 'PNG')
  assert.equal(live.isLive, true)
  await (dependencies.provider as MemoryProvider).stop(instanceID)
  await assert.rejects(picture(), { code: 'not_found' })
  await writeFile(screenshotPath, 'kept')
  const kept = await picture()
  assert.deepEqual([kept.isLive, Buffer.from(kept.imageData, 'base64').toString()], [false, 'kept'])
})
