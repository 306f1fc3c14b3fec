import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService, PROPERTIES, type TestService } from '../test-service.ts'

interface Found {
  readonly total: number
  readonly items: readonly {
    readonly sourceServerID: string
    readonly sourceProperties: { readonly identificationHints: { readonly hostname: string } }
    readonly nextStep: string
    readonly refusals: Readonly<Record<string, string>>
    readonly applicationName?: string
    readonly waveName?: string
  }[]
}

const search = (service: TestService, input: object = {}) =>
  service.call<Found>('SearchSourceServers', input)

const namesOf = ({ items }: Found) =>
  items.map(({ sourceProperties }) => sourceProperties.identificationHints.hostname)

async function registerNamed(service: TestService, hostname: string, tags = {}) {
  const identificationHints = { hostname, fqdn: `${hostname}.example.org` }
  return await service.register({
    machineIdentity: hostname,
    tags,
    sourceProperties: { ...PROPERTIES, identificationHints },
  })
}

test('servers are found by name, tag, state and group, a page at a time in any order', async (t) => {
  const service = await createTestService(t)
  const ids: Record<string, string> = {}
  for (const name of ['web02', 'web01', 'db_1', 'db%1']) {
    ids[name] = await registerNamed(service, name, name.startsWith('web') ? { tier: 'web' } : {})
  }
  assert.deepEqual(namesOf(await search(service)), ['db%1', 'db_1', 'web01', 'web02'])
  assert.deepEqual(namesOf(await search(service, { sort: 'added', descending: true, limit: 2 })), [
    'web02',
    'web01',
  ])
  const second = await search(service, { offset: 2, limit: 1 })
  assert.deepEqual([namesOf(second), second.total], [['web01'], 4])

  assert.deepEqual(namesOf(await search(service, { text: 'WEB0' })), ['web01', 'web02'])
  assert.deepEqual(namesOf(await search(service, { text: '_' })), ['db_1'])
  assert.deepEqual(namesOf(await search(service, { text: '%' })), ['db%1'])
  assert.deepEqual(namesOf(await search(service, { text: ids['web02'] })), ['web02'])
  const tagged = await search(service, { tag: { key: 'tier', value: 'web' } })
  assert.equal(tagged.total, 2)
  assert.equal((await search(service, { tag: { key: 'tier', value: 'db' } })).total, 0)
  assert.equal((await search(service, { tag: { key: 'tier' } })).total, 2)

  const { applicationID } = await service.call<{ applicationID: string }>('CreateApplication', {
    name: 'shop',
  })
  const { waveID } = await service.call<{ waveID: string }>('CreateWave', { name: 'first' })
  const sourceServerIDs = [ids['web01']]
  await service.call('AssociateSourceServers', { applicationID, sourceServerIDs })
  await service.call('AssociateApplications', { waveID, applicationIDs: [applicationID] })
  const inWave = await search(service, { waveIDs: [waveID] })
  assert.deepEqual(namesOf(inWave), ['web01'])
  assert.equal(inWave.items[0]?.applicationName, 'shop')
  assert.equal(inWave.items[0]?.waveName, 'first')

  assert.deepEqual(namesOf(await search(service, { isInApplication: true })), ['web01'])
  assert.equal((await search(service, { isInApplication: false })).total, 3)
  assert.equal((await search(service, { view: 'ALL' })).total, 4)

  assert.equal((await search(service, { lifeCycleStates: ['TESTING'] })).total, 0)
  assert.equal((await search(service, { view: 'ARCHIVED' })).total, 0)
  await assert.rejects(search(service, { limit: 101 }), { code: 'validation' })
})

test('what is refused is told before, with the reason that the operation itself gives', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.readyServer()
  const server = async () => {
    const [item] = (await search(service)).items
    assert.ok(item)
    return item
  }
  const ready = await server()
  assert.equal(ready.nextStep, 'LAUNCH_TEST_INSTANCE')
  assert.equal(ready.refusals['StartTest'], undefined)
  assert.equal(
    ready.refusals['FinalizeCutover'],
    'It is READY_FOR_TEST, where FinalizeCutover is not possible.',
  )
  assert.match(ready.refusals['TerminateTargetInstances'] ?? '', /no launched instance/)
  assert.match(ready.refusals['ResumeReplication'] ?? '', /REPLICATING, not PAUSED/)
  assert.equal(ready.refusals['CreatePoint'], undefined)
  await service.call('PauseReplication', { sourceServerID })
  const paused = (await server()).refusals
  assert.match(paused['CreatePoint'] ?? '', /^It can have no point made: its replication is paused/)
  assert.match(paused['StartVerification'] ?? '', /PAUSED, not REPLICATING/)
  await service.call('ResumeReplication', { sourceServerID })

  await service.call('StartTest', { sourceServerIDs: [sourceServerID] })
  const testing = await server()
  const reason = testing.refusals['StartTest'] ?? ''
  assert.match(reason, /takes part in job mgnjob-\w+, which has not ended/)
  await assert.rejects(
    service.call('StartTest', { sourceServerIDs: [sourceServerID] }),
    (error: Error) =>
      `It${error.message.replace(`Source server ${sourceServerID}`, '')}.` === reason,
  )
  await service.runJobs()
  assert.equal((await server()).nextStep, 'MARK_READY_FOR_CUTOVER')
  assert.equal((await server()).refusals['StartTest'], undefined)
  const one = await service.call<Found['items'][number]>('GetSourceServer', { sourceServerID })
  assert.deepEqual(one, await server())
})
