import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { importExportService } from './import-export.fixture.ts'

/** The cells of an exported file by row and header; apostrophes stay. */
const rowsOf = (text: string) =>
  parse(text, { columns: true, bom: true }) as Record<string, string>[]

const HOSTILE = '=HYPERLINK("http://example.org";"x")'

async function populated(t: Parameters<typeof importExportService>[0]) {
  const inventory = await importExportService(t)
  const { service } = inventory
  const sourceServerID = await service.register({
    userProvidedID: 'web-1',
    tags: { Note: HOSTILE, "'=odd": "'=quoted" },
  })
  const { arn: resourceArn } = await service.server(sourceServerID)
  await service.call('TagResource', { resourceArn, tags: { ['__proto__']: 'x' } })
  const { applicationID } = await service.call<{ applicationID: string }>('CreateApplication', {
    name: 'Shop',
    description: 'Two lines\r\nwith "quotes", and a comma',
  })
  await service.call('CreateApplication', { name: 'Empty' })
  await service.call('CreateWave', { name: 'July' })
  const { waveID } = await service.call<{ waveID: string }>('CreateWave', { name: 'June' })
  const sourceServerIDs = [sourceServerID]
  await service.call('AssociateSourceServers', { applicationID, sourceServerIDs })
  await service.call('AssociateApplications', { waveID, applicationIDs: [applicationID] })
  await service.call('PutSourceServerAction', {
    sourceServerID,
    actionName: 'check disks',
    documentIdentifier: 'Check',
    order: 1001,
    actionID: 'one',
    externalParameters: { InstanceId: { dynamicPath: 'ec2.InstanceId' } },
  })
  return { ...inventory, sourceServerID }
}

test('an export has every server, and groups without members', async (t) => {
  const inventory = await populated(t)
  const { status, summary, text } = await inventory.export()
  assert.equal(status, 'SUCCEEDED')
  assert.deepEqual(summary, { serversCount: 1, applicationsCount: 2, wavesCount: 2 })
  const [server, ...groups] = rowsOf(text)
  assert.partialDeepStrictEqual(server, {
    'mgn:server:id': inventory.sourceServerID,
    'mgn:server:user-provided-id': 'web-1',
    'mgn:app:name': 'Shop',
    'mgn:wave:name': 'June',
    'mgn:launch:start-instance': 'true',
    'mgn:launch:instance-type': '',
    'mgn:launch:volume:/dev/sda:type': 'gp3',
    'mgn:launch:post-actions:check disks:order': '1001',
  })
  assert.deepEqual(
    groups.map((row) => [row['mgn:server:id'], row['mgn:app:name'], row['mgn:wave:name']]),
    [
      ['', 'Empty', ''],
      ['', '', 'July'],
    ],
  )
})

test('no cell of an export begins as a formula does, and an import reads what it was', async (t) => {
  const inventory = await populated(t)
  const { text } = await inventory.export()
  const cells = rowsOf(text).flatMap((row) => Object.values(row))
  assert.deepEqual(
    cells.filter((cell) => /^[=+\-@\t\r]/.test(cell)),
    [],
  )
  assert.equal(rowsOf(text)[0]?.['mgn:server:tag:Note'], `'${HOSTILE}`)
  assert.ok(text.includes('mgn:server:tag:__proto__'))
  const { errors, summary } = await inventory.import(text)
  assert.deepEqual(errors, [])
  const none = { createdCount: 0, modifiedCount: 0 }
  assert.deepEqual(summary, { waves: none, applications: none, servers: none })
})

test('an export without its IDs makes the same inventory elsewhere', async (t) => {
  const { text } = await (await populated(t)).export()
  const elsewhere = await importExportService(t)
  const lines = parse(text) as string[][]
  const without = lines.map((cells) =>
    cells.map((cell, index) => (lines[0]![index]!.endsWith(':id') ? '' : cell)),
  )
  const headers = lines[0]!
  const quoted = [headers, ...without.slice(1)].map((cells) =>
    cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
  )
  const { errors } = await elsewhere.import(quoted.join('\r\n'))
  assert.deepEqual(errors, [])
  const again = rowsOf((await elsewhere.export()).text)
  const ignored = /:id$|^mgn:account/
  const comparable = (rows: Record<string, string>[]) =>
    rows.map((row) => Object.entries(row).filter(([key, value]) => !ignored.test(key) && value))
  assert.deepEqual(comparable(again), comparable(rowsOf(text)))
})

test('why an export failed is told', async (t) => {
  const { service, buckets, ...inventory } = await importExportService(t)
  buckets.put = () => Promise.reject(new Error('no space left on device'))
  const { exportID, status } = await inventory.export()
  assert.equal(status, 'FAILED')
  const { items } = await service.call<{ items: { errorData: { rawError: string } }[] }>(
    'ListExportErrors',
    { exportID },
  )
  assert.deepEqual(
    items.map(({ errorData }) => errorData.rawError),
    ['inventory/out.csv was not written: no space left on device'],
  )
})
