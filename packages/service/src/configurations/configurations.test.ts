import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withTestDatabase } from '../database/test-database.ts'
import { createTestService, TestService, type SourceServerView } from '../test-service.ts'

interface Template {
  readonly replicationConfigurationTemplateID: string
  readonly launchConfigurationTemplateID: string
  readonly arn: string
  readonly bandwidthThrottling: number
  readonly launchDisposition: string
  readonly tags: Record<string, string>
}

test('nobody registers before InitializeService, which makes the first templates once', async (t) => {
  const { db } = await withTestDatabase(t)
  const service = new TestService({ db })
  await assert.rejects(service.register(), { code: 'uninitialized_account' })
  await service.call('InitializeService')
  await service.call('InitializeService')
  for (const kind of ['Replication', 'Launch']) {
    const name = `Describe${kind}ConfigurationTemplates`
    const { items } = await service.call<{ items: Template[] }>(name)
    assert.equal(items.length, 1)
  }
})

test('a new server takes over the newest templates', async (t) => {
  const service = await createTestService(t)
  await service.call('CreateReplicationConfigurationTemplate', { bandwidthThrottling: 7 })
  const launch = await service.call<Template>('CreateLaunchConfigurationTemplate', {
    launchDisposition: 'STOPPED',
  })
  const launchConfigurationTemplateID = launch.launchConfigurationTemplateID
  await service.call('UpdateLaunchConfigurationTemplate', {
    launchConfigurationTemplateID,
    bootMode: 'LEGACY_BIOS',
  })
  const sourceServerID = await service.register()
  const replication = await service.call<Record<string, unknown>>('GetReplicationConfiguration', {
    sourceServerID,
  })
  assert.equal(replication['bandwidthThrottling'], 7)
  assert.equal(replication['name'], 'web01')
  assert.deepEqual(replication['replicatedDisks'], [
    { deviceName: '/dev/sdb', isBootDisk: false, stagingDiskType: 'AUTO' },
    { deviceName: '/dev/sda', isBootDisk: true, stagingDiskType: 'AUTO' },
  ])
  const configuration = await service.call<Record<string, unknown>>('GetLaunchConfiguration', {
    sourceServerID,
  })
  assert.equal(configuration['launchDisposition'], 'STOPPED')
  assert.equal(configuration['bootMode'], 'LEGACY_BIOS')
  assert.match(String(configuration['ec2LaunchTemplateID']), /^lt-[0-9a-f]{17}$/)
  assert.equal(configuration['smallVolumeMaxSize'], undefined)
})

test('templates are found page by page, and one that is none is told', async (t) => {
  const service = await createTestService(t)
  const ids: string[] = []
  while (ids.length < 3) {
    const { launchConfigurationTemplateID } = await service.call<Template>(
      'CreateLaunchConfigurationTemplate',
    )
    ids.push(launchConfigurationTemplateID)
  }
  const find = (wanted: readonly string[]) =>
    service.call<{ items: Template[] }>('DescribeLaunchConfigurationTemplates', {
      launchConfigurationTemplateIDs: wanted,
      maxResults: 1,
    })
  assert.equal((await find(ids)).items.length, 1)
  await assert.rejects(find([...ids, 'lct-00000000000000000']), { code: 'not_found' })
})

test('settings of disks that are not replicated are refused', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.register()
  const replicatedDisks = [{ deviceName: '/dev/vdz' }]
  const input = { sourceServerID, replicatedDisks }
  await assert.rejects(service.call('UpdateReplicationConfiguration', input), /vdz/)
})

test('a template can be deleted when there are no source servers', async (t) => {
  const service = await createTestService(t)
  const template = await service.call<Template>('CreateReplicationConfigurationTemplate')
  const { replicationConfigurationTemplateID } = template
  const remove = () =>
    service.call('DeleteReplicationConfigurationTemplate', { replicationConfigurationTemplateID })
  const sourceServerID = await service.register()
  await assert.rejects(remove(), { code: 'conflict' })
  await service.call('DisconnectFromService', { sourceServerID })
  await service.call('DeleteSourceServer', { sourceServerID })
  await remove()
  await assert.rejects(remove(), { code: 'not_found' })
  const replicationConfigurationTemplateIDs = [replicationConfigurationTemplateID]
  await assert.rejects(
    service.call('DescribeReplicationConfigurationTemplates', {
      replicationConfigurationTemplateIDs,
    }),
    { code: 'not_found' },
  )
})

test('source servers are listed page by page and by filter', async (t) => {
  const service = await createTestService(t)
  const ids = []
  for (let count = 0; count < 5; count += 1) ids.push(await service.register())
  const seen: string[] = []
  let nextToken: string | undefined
  do {
    const page: { items: SourceServerView[]; nextToken?: string } = await service.call(
      'DescribeSourceServers',
      { filters: {}, maxResults: 2, ...(nextToken !== undefined && { nextToken }) },
    )
    seen.push(...page.items.map((server) => server.sourceServerID))
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  assert.deepEqual(seen, ids)
  const count = async (filters: object) => {
    const input = { filters }
    return (await service.call<{ items: object[] }>('DescribeSourceServers', input)).items.length
  }
  assert.equal(await count({ isArchived: true }), 0)
  assert.equal(await count({ isArchived: false, lifeCycleStates: ['NOT_READY'] }), 5)
  assert.equal(await count({ replicationTypes: ['SNAPSHOT_SHIPPING'] }), 0)
  assert.equal(await count({ sourceServerIDs: ids.slice(0, 1) }), 1)
})

test('tags are set, listed and removed by ARN, up to fifty', async (t) => {
  const service = await createTestService(t)
  const id = await service.register({ tags: { a: '1' } })
  const template = await service.call<Template>('CreateLaunchConfigurationTemplate')
  for (const resourceArn of [(await service.server(id)).arn, template.arn]) {
    await service.call('TagResource', { resourceArn, tags: { b: '2', c: '3' } })
    await service.call('UntagResource', { resourceArn, tagKeys: ['c', 'x'] })
    const { tags } = await service.call<Template>('ListTagsForResource', { resourceArn })
    assert.equal(tags['b'], '2')
    assert.equal(tags['c'], undefined)
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, '']))
    const input = { resourceArn, tags: many }
    await assert.rejects(service.call('TagResource', input), { code: 'validation' })
  }
  const resourceArn = 'arn:aws:mgn:lf-local-1:123456789012:source-server/s-00000000000000000'
  await assert.rejects(service.call('ListTagsForResource', { resourceArn }), { code: 'not_found' })
})
