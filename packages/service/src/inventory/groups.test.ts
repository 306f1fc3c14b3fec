import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId, type LandfallError } from '@landfall/model'
import { createTestService, type TestService } from '../test-service.ts'

interface GroupView {
  readonly applicationID: string
  readonly waveID: string
  readonly name: string
  readonly isArchived: boolean
  readonly applicationAggregatedStatus: Record<string, string>
  readonly waveAggregatedStatus: Record<string, string | number>
}

const application = async (service: TestService, name: string) =>
  (await service.call<GroupView>('CreateApplication', { name })).applicationID

const wave = async (service: TestService, name: string) =>
  (await service.call<GroupView>('CreateWave', { name })).waveID

async function only(service: TestService, name: string): Promise<GroupView> {
  const { items } = await service.call<{ items: GroupView[] }>(name)
  assert.equal(items.length, 1)
  return items[0]!
}

test('applications and waves are made, found by filter, renamed, archived and deleted', async (t) => {
  const service = await createTestService(t)
  const shop = await application(service, 'shop')
  const books = await application(service, 'books')
  const first = await wave(service, 'first')
  // Names are taken within a kind only.
  await application(service, 'first')
  await service.call('AssociateApplications', { waveID: first, applicationIDs: [shop, books] })

  const inWave = await service.call<{ items: GroupView[] }>('ListApplications', {
    filters: { waveIDs: [first] },
  })
  assert.deepEqual(
    inWave.items.map((item) => [item.name, item.waveID]),
    [
      ['shop', first],
      ['books', first],
    ],
  )
  assert.equal((await only(service, 'ListWaves')).waveAggregatedStatus['totalApplications'], 2)

  await assert.rejects(service.call('UpdateApplication', { applicationID: shop, name: 'books' }), {
    code: 'conflict',
  })
  await service.call('UpdateApplication', { applicationID: shop, description: 'sells' })
  await assert.rejects(service.call('DeleteWave', { waveID: first }), /still has 2 applications/)
  await assert.rejects(service.call('ArchiveWave', { waveID: first }), /archive or disassociate/)
  for (const id of [shop, books]) await service.call('ArchiveApplication', { applicationID: id })
  await service.call('ArchiveWave', { waveID: first })
  await assert.rejects(
    service.call('UpdateApplication', { applicationID: shop, name: 'x' }),
    /is archived/,
  )
  const archived = await service.call<{ items: GroupView[] }>('ListApplications', {
    filters: { isArchived: true },
  })
  assert.equal(archived.items.length, 2)
  await service.call('UnarchiveWave', { waveID: first })
  await service.call('DisassociateApplications', { waveID: first, applicationIDs: [shop, books] })
  await service.call('DeleteWave', { waveID: first })
  await assert.rejects(service.call('DeleteWave', { waveID: first }), { code: 'not_found' })
})

test('a source server is in one application at most, and all or none are moved', async (t) => {
  const service = await createTestService(t)
  const [a, b] = [await application(service, 'a'), await application(service, 'b')]
  const servers = [await service.register(), await service.register(), await service.register()]
  const [one = '', two = '', three = ''] = servers
  const associate = (applicationID: string, sourceServerIDs: readonly string[]) =>
    service.call('AssociateSourceServers', { applicationID, sourceServerIDs })
  await associate(a, [one, two])
  await associate(a, [one, two]) // Said again after a lost answer.

  await assert.rejects(associate(b, [one, two, three]), (error: LandfallError) => {
    assert.equal(error.code, 'conflict')
    assert.deepEqual(
      error.details.errors?.map(({ resourceId, code }) => [resourceId, code]),
      [one, two].toSorted().map((id) => [id, 'IN_OTHER_APPLICATION']),
    )
    return true
  })
  await assert.rejects(associate(b, [three, newId('sourceServer')]), { code: 'not_found' })
  const inA = { filters: { applicationIDs: [a] } }
  const found = await service.call<{ items: { applicationID: string }[] }>(
    'DescribeSourceServers',
    inA,
  )
  assert.deepEqual(
    found.items.map((item) => item.applicationID),
    [a, a],
  )
  const inB = { filters: { applicationIDs: [b] } }
  assert.deepEqual(await service.call('DescribeSourceServers', inB), { items: [] })
  await assert.rejects(service.call('DeleteApplication', { applicationID: a }), /disassociate them/)
  await service.call('DisassociateSourceServers', { applicationID: a, sourceServerIDs: servers })
  await service.call('DeleteApplication', { applicationID: a })
})

test('the status of a group is that of its servers', async (t) => {
  const service = await createTestService(t)
  const shop = await application(service, 'shop')
  await service.call('AssociateApplications', {
    waveID: await wave(service, 'first'),
    applicationIDs: [shop],
  })
  const status = async () => {
    const { applicationAggregatedStatus: ofShop } = await only(service, 'ListApplications')
    const { waveAggregatedStatus: ofWave } = await only(service, 'ListWaves')
    const seen = (one: typeof ofWave) => `${one['healthStatus']} ${one['progressStatus']}`
    assert.equal(seen(ofShop), seen(ofWave))
    return seen(ofShop)
  }
  assert.equal(await status(), 'HEALTHY NOT_STARTED')
  const server = await service.readyServer()
  const other = await service.readyServer()
  await service.call('AssociateSourceServers', {
    applicationID: shop,
    sourceServerIDs: [server, other],
  })
  assert.equal(await status(), 'HEALTHY IN_PROGRESS')
  await service.report(other, { state: 'BACKLOG', lagSeconds: 30 })
  assert.equal(await status(), 'LAGGING IN_PROGRESS')
  await service.report(server, { state: 'STALLED' })
  assert.equal(await status(), 'ERROR IN_PROGRESS')
  for (const sourceServerID of [server, other]) {
    await service.call('DisconnectFromService', { sourceServerID })
    await service.call('ChangeServerLifeCycleState', {
      sourceServerID,
      lifeCycle: { state: 'CUTOVER' },
    })
  }
  assert.equal(await status(), 'HEALTHY COMPLETED')
})

test('pages of applications have no gap and no repeat while others are made', async (t) => {
  const service = await createTestService(t)
  for (let index = 0; index < 5; index++) await application(service, `app ${index}`)
  const seen: string[] = []
  let nextToken: string | undefined
  do {
    const page: { items: GroupView[]; nextToken?: string } = await service.call(
      'ListApplications',
      { maxResults: 2, ...(nextToken !== undefined && { nextToken }) },
    )
    seen.push(...page.items.map((item) => item.name))
    nextToken = page.nextToken
    if (seen.length === 2) await application(service, 'app 5')
  } while (nextToken !== undefined)
  assert.deepEqual(
    seen,
    [0, 1, 2, 3, 4, 5].map((index) => `app ${index}`),
  )
})
