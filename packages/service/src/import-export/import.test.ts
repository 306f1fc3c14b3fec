import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROPERTIES, type SourceServerView, type TestService } from '../test-service.ts'
import { importExportService } from './import-export.fixture.ts'

const servers = (service: TestService) =>
  service.call<{ items: SourceServerView[] }>('DescribeSourceServers').then(({ items }) => items)

const csv = (...rows: string[]) => `${rows.join('\r\n')}\r\n`

const NAMES = 'mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework'

test('an imported server waits for the agent that brings its user-provided ID', async (t) => {
  const { service, ...inventory } = await importExportService(t)
  const imported = await inventory.import(
    csv(
      `${NAMES},mgn:app:name,mgn:wave:name,mgn:server:tag:Owner,mgn:launch:volume:/dev/sda:type`,
      'web-1,web1.example.org,Shop,June,Ann,io1',
      'web-2,192.0.2.7,Shop,,,',
    ),
  )
  assert.deepEqual(imported.errors, [])
  assert.equal(imported.status, 'SUCCEEDED')
  assert.equal(imported.progressPercentage, 100)
  assert.deepEqual(imported.summary, {
    waves: { createdCount: 1, modifiedCount: 0 },
    applications: { createdCount: 1, modifiedCount: 0 },
    servers: { createdCount: 2, modifiedCount: 0 },
  })
  const [first] = await servers(service)
  assert.equal(first?.lifeCycle.state, 'PENDING_INSTALLATION')
  assert.deepEqual(first.tags, { Owner: 'Ann' })

  const sourceServerID = await service.register({ userProvidedID: 'web-1' })
  assert.equal(sourceServerID, first.sourceServerID)
  const { lifeCycle, sourceProperties, fqdnForActionFramework } =
    await service.server(sourceServerID)
  assert.equal(lifeCycle.state, 'NOT_READY')
  assert.equal(fqdnForActionFramework, 'web1.example.org')
  assert.equal((sourceProperties.disks as object[]).length, PROPERTIES.disks.length)
  assert.notEqual(await service.register({ userProvidedID: 'web-1' }), sourceServerID)
  const { LaunchTemplateVersions: versions } = await service.call<{
    LaunchTemplateVersions: { LaunchTemplateData: { BlockDeviceMappings: object[] } }[]
  }>('DescribeLaunchTemplateVersions', {
    LaunchTemplateName: `created-and-used-by-application-migration-service-${sourceServerID}`,
    Versions: ['$Default'],
  })
  assert.partialDeepStrictEqual(versions[0]?.LaunchTemplateData.BlockDeviceMappings, [
    { DeviceName: '/dev/sdb', Ebs: { VolumeType: 'gp3' } },
    { DeviceName: '/dev/sda', Ebs: { VolumeType: 'io1' } },
  ])
})

test('a file with a wrong row changes nothing, and every wrong row is told', async (t) => {
  const { service, ...inventory } = await importExportService(t)
  const { status, errors } = await inventory.import(
    csv(
      `${NAMES},mgn:server:id,mgn:app:name,mgn:app:description,mgn:region,mgn:launch:boot-mode`,
      'good,good.example.org,,Shop,,,',
      ',nobody.example.org,,,,,',
      'new,,,,,,',
      ',,s-00000000000000000,,,,',
      'mode,mode.example.org,,,,,BIOS',
      'far,far.example.org,,,,eu-west-1,',
      'many,many.example.org,,,,,,,',
      'lonely,lonely.example.org,,,A shop,,',
    ),
  )
  assert.equal(status, 'FAILED')
  assert.deepEqual(await servers(service), [])
  assert.deepEqual(
    errors.map((error) => error.split(' ', 5).join(' ')),
    [
      '3: The row does not',
      '4: A new source server',
      '5: There is no source',
      '6: mgn:launch:boot-mode failed to satisfy',
      '7: mgn:region is eu-west-1, and',
      '8: The row has 9',
      '9: The row does not',
    ],
  )
})

test('rows that contradict each other are told', async (t) => {
  const inventory = await importExportService(t)
  const { status, errors } = await inventory.import(
    csv(
      `${NAMES},mgn:app:name,mgn:app:description,mgn:wave:name,mgn:launch:copy-private-ip`,
      'a,a.example.org,Shop,The shop,June,true',
      'a,a.example.org,Shop,,June,',
      'a,a.example.org,Bank,,,false',
      'b,b.example.org,Shop,A shop,July,',
    ),
  )
  assert.equal(status, 'FAILED')
  assert.deepEqual(errors.toSorted(), [
    '4: The source server named a is in another application in row 2',
    '4: mgn:launch:copy-private-ip of the source server named a differs from that in row 2',
    '5: The application named Shop is in another wave in row 2',
    '5: mgn:app:description of the application named Shop differs from that in row 2',
  ])
})

test('a second import changes what is there, and counts what it changed', async (t) => {
  const { service, ...inventory } = await importExportService(t)
  const header = `${NAMES},mgn:app:name,mgn:launch:instance-type,mgn:replication:bandwidth-throttling`
  await inventory.import(csv(header, 'a,a.example.org,Shop,,', 'b,b.example.org,Shop,,'))
  const changed = await inventory.import(
    csv(header, 'a,a.example.org,Bank,c5.large,100', 'b,b.example.org,Shop,,'),
  )
  assert.deepEqual(changed.errors, [])
  assert.deepEqual(changed.summary.servers, { createdCount: 0, modifiedCount: 1 })
  assert.deepEqual(changed.summary.applications, { createdCount: 1, modifiedCount: 0 })
  const [a] = await servers(service)
  const { sourceServerID } = a ?? {}
  assert.partialDeepStrictEqual(
    await service.call('GetLaunchConfiguration', { sourceServerID: sourceServerID! }),
    { targetInstanceTypeRightSizingMethod: 'NONE' },
  )
  assert.partialDeepStrictEqual(
    await service.call('GetReplicationConfiguration', { sourceServerID: sourceServerID! }),
    { bandwidthThrottling: 100 },
  )
  const same = await inventory.import(
    csv(header, 'a,a.example.org,Bank,c5.large,100', 'b,b.example.org,Shop,,'),
  )
  assert.deepEqual(same.summary.servers, { createdCount: 0, modifiedCount: 0 })
})

test('of a server whose agent is installed, an import changes no tags', async (t) => {
  const { service, ...inventory } = await importExportService(t)
  const id = await service.register({ userProvidedID: 'web-1', tags: { Owner: 'Ann' } })
  const file = (name: string, owner: string) =>
    csv(`mgn:server:id,${NAMES},mgn:server:tag:Owner`, `${id},${name},web.example.org,${owner}`)
  assert.deepEqual((await inventory.import(file('web-2', 'Ann'))).summary.servers, {
    createdCount: 0,
    modifiedCount: 1,
  })
  assert.match((await inventory.import(file('web-2', 'Bob'))).errors[0]!, /agent is installed/)
})

test('a row cannot set a boot mode that the server does not have', async (t) => {
  const { service, ...inventory } = await importExportService(t)
  const id = await service.register({ userProvidedID: 'web-1' })
  const file = (bootMode: string) =>
    csv(`mgn:server:id,${NAMES},mgn:launch:boot-mode`, `${id},web-1,web.example.org,${bootMode}`)
  assert.match((await inventory.import(file('UEFI'))).errors[0]!, /^2: .*boots with BIOS/)
  assert.deepEqual((await inventory.import(file('LEGACY_BIOS'))).errors, [])
})

test('a file that is no inventory is refused with what to do', async (t) => {
  const inventory = await importExportService(t)
  const files: readonly (readonly [string, RegExp])[] = [
    ['', /1: The file is empty/],
    ['name;ip\r\n', /not separated by commas/],
    ['name,ip\r\n', /names no column/],
    ['mgn:server:idd\r\n', /no column mgn:server:idd/],
    ['mgn:wave:name,mgn:wave:name\r\n', /there twice/],
    ['mgn:wave:name\r\n"A', /2: The row is no CSV/],
    ['mgn:wave:name\r\n\uFFFD\r\n', /2: .*UTF-8/],
  ]
  for (const [text, expected] of files) {
    const { status, errors } = await inventory.import(text)
    assert.equal(status, 'FAILED', text)
    assert.match(errors.join(), expected)
  }
})

test('an import over the quota makes what fits, and tells the rows that do not', async (t) => {
  const { service, ...inventory } = await importExportService(t, {
    quotas: { serversNotArchived: 1 },
  })
  const rows = ['a,a.example.org', 'b,b.example.org']
  const { status, errors, summary } = await inventory.import(csv(NAMES, ...rows))
  assert.equal(status, 'FAILED')
  assert.match(errors[0]!, /^3: The quota of source servers that are not archived is 1/)
  assert.equal(summary.servers.createdCount, 1)
  await assert.rejects(service.register(), { code: 'quota_exceeded' })
})

test('a call that is repeated with its token starts nothing more', async (t) => {
  const { service, buckets } = await importExportService(t)
  buckets.files.set('inventory/in.csv', csv(NAMES))
  buckets.files.set('inventory/other.csv', csv(NAMES))
  const start = (s3Key: string) =>
    service.call<{ importTask: { importID: string } }>('StartImport', {
      clientToken: 'once',
      s3BucketSource: { s3Bucket: 'inventory', s3Key },
    })
  const first = await start('in.csv')
  assert.equal((await start('in.csv')).importTask.importID, first.importTask.importID)
  await assert.rejects(start('other.csv'), { code: 'conflict' })
  const missing = { s3BucketSource: { s3Bucket: 'inventory', s3Key: 'missing.csv' } }
  await assert.rejects(service.call('StartImport', missing), { code: 'not_found' })
})
