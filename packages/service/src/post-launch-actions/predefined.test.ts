import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PREDEFINED_DOCUMENTS, predefinedContent } from '../ssm/predefined-documents.ts'
import { ActionStory } from './actions.fixture.ts'
import { PREDEFINED_ACTIONS, PREDEFINED_ORDER_MAX } from './predefined-actions.ts'

interface Listed {
  readonly items: readonly { readonly actionID: string; readonly order: number }[]
  readonly purposes?: readonly string[]
}

const HTTP = 'Landfall-VerifyHTTPResponse'

test('every predefined document is an action, before all that callers put', () => {
  // And one that the service carries out itself.
  assert.equal(PREDEFINED_ACTIONS.length, PREDEFINED_DOCUMENTS.length + 1)
  assert.equal(PREDEFINED_ACTIONS.at(-1)?.document.name, 'AWS-CreateImage')
  const orders = PREDEFINED_ACTIONS.map(({ order }) => order)
  assert.equal(new Set(orders).size, orders.length)
  assert.ok(orders.every((order) => order >= 1 && order <= PREDEFINED_ORDER_MAX))
})

test('a predefined action runs before others, with values from the parameter store', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  await story.document('Check')
  await story.put('Check')
  const Urls = ['http://127.0.0.1/a', 'http://127.0.0.1/b']
  const add = { sourceServerID, name: HTTP, parameters: { Urls }, mustSucceedForCutover: true }
  assert.partialDeepStrictEqual(await service.call('AddPredefinedAction', add), {
    actionID: HTTP,
    order: 407,
    mustSucceedForCutover: true,
    parameters: {
      Urls: [
        {
          parameterType: 'STRING',
          parameterName: `ManagedByAWSApplicationMigrationService-${HTTP}-Urls-${sourceServerID}-1`,
        },
        {},
      ],
    },
  })
  const own = await service.call<Listed>('ListActions', { sourceServerID })
  assert.deepEqual(
    own.items.map(({ actionID, order }) => [actionID, order]),
    [
      [HTTP, 407],
      ['Check', 1001],
    ],
  )
  assert.deepEqual(own.purposes, ['TEST', 'CUTOVER'])
  // The model has no orders below 1001: its own list is without.
  const { items } = await service.call<Listed>('ListSourceServerActions', { sourceServerID })
  assert.deepEqual(
    items.map(({ actionID }) => actionID),
    ['Check'],
  )
  const instance = await story.launch('test')
  const [first, second] = await story.run(instance)
  assert.match(
    first ?? '',
    /\nhttp:\/\/127\.0\.0\.1\/a\nhttp:\/\/127\.0\.0\.1\/b\nLANDFALL_VALUES\n/,
  )
  assert.equal(second, 'Check -')

  const again = { sourceServerID, name: HTTP, parameters: { Urls: ['http://[::1]/'] } }
  await service.call('AddPredefinedAction', again)
  await service.call('RemoveSourceServerAction', { sourceServerID, actionID: HTTP })
  assert.equal((await service.call<Listed>('ListActions', { sourceServerID })).items.length, 1)
})

test('an action is made inactive, or need not succeed any more, wherever its place is', async (t) => {
  const { service, sourceServerID } = await ActionStory.begin(t)
  const name = 'Landfall-VerifyTimeSync'
  const parameters = {}
  await service.call('AddPredefinedAction', { sourceServerID, name, parameters })
  const update = (changes: object) =>
    service.call('UpdateAction', { sourceServerID, actionID: name, ...changes })
  const must = await update({ mustSucceedForCutover: true })
  assert.partialDeepStrictEqual(must, { active: true, mustSucceedForCutover: true, order: 403 })
  const inactive = await update({ active: false })
  assert.partialDeepStrictEqual(inactive, { active: false, mustSucceedForCutover: true })
  const again = { sourceServerID, name, parameters, active: false }
  const kept = await service.call('AddPredefinedAction', again)
  assert.partialDeepStrictEqual(kept, { active: false, mustSucceedForCutover: false })
  await assert.rejects(update({ actionID: 'none' }), { code: 'not_found' })
})

test('tags are handed over by the service', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  const parameters = { ExpectedTags: ['Name=web01'] }
  const add = { sourceServerID, name: 'Landfall-VerifyTags', parameters }
  await service.call('AddPredefinedAction', add)
  const [script] = await story.run(await story.launch('test'))
  assert.match(script ?? '', /\n\{"Key":"Name","Value":"web01"\}\n/)
})

test('a new server takes over predefined actions of the template', async (t) => {
  const story = await ActionStory.begin(t)
  const { service } = story
  const templates = await service.call<{ items: { launchConfigurationTemplateID: string }[] }>(
    'DescribeLaunchConfigurationTemplates',
  )
  const { launchConfigurationTemplateID } = templates.items[0]!
  await service.call('AddPredefinedAction', {
    launchConfigurationTemplateID,
    name: 'AWSMigration-ValidateDiskSpace',
    parameters: { MinimumFreeMiB: ['5'] },
  })
  const listed = await service.call<Listed>('ListActions', { launchConfigurationTemplateID })
  assert.equal(listed.items.length, 1)
  const sourceServerID = await service.register()
  const { items } = await service.call<Listed>('ListActions', { sourceServerID })
  assert.deepEqual(
    items.map(({ actionID }) => actionID),
    ['AWSMigration-ValidateDiskSpace'],
  )
})

test('wrong names and values are refused with what there is, and nothing is kept', async (t) => {
  const story = await ActionStory.begin(t)
  const { service, sourceServerID } = story
  const refused = async (input: object, message: RegExp) => {
    const add = { sourceServerID, name: HTTP, parameters: {}, ...input }
    await assert.rejects(service.call('AddPredefinedAction', add), message)
  }
  await refused({ name: 'Nothing' }, /no predefined action Nothing; there are Landfall-RemoveGuest/)
  await refused({}, /Parameter Urls has no default and must be given/)
  await refused({ parameters: { Url: ['x'] } }, /has no parameter Url; it has Urls, ExpectedStatus/)
  await refused({ parameters: { Urls: ['ftp://x'] } }, /Parameter Urls must match/)
  const eleven = Array.from({ length: 11 }, (_, index) => `http://x/${index}`)
  await refused({ parameters: { Urls: eleven } }, /Urls has 11 values; 10 are possible/)
  const tags = { InstanceTags: ['x'], ExpectedTags: ['y'] }
  await refused({ name: 'Landfall-VerifyTags', parameters: tags }, /no parameter InstanceTags/)
  const wrong = { sourceServerID, name: HTTP, parameters: { Urls: ['ftp://x'] } }
  const fields = [{ name: 'parameters.Urls', message: String.raw`must match https?://[^\s]+` }]
  await assert.rejects(service.call('AddPredefinedAction', wrong), { details: { fields } })
  await assert.rejects(service.call('ListActions', {}), /Give either sourceServerID or launch/)
  const { db } = service.dependencies
  assert.deepEqual(await db.selectFrom('ssm_parameters').select('name').execute(), [])
  const Content = JSON.stringify(predefinedContent(PREDEFINED_DOCUMENTS[0]!))
  const { name: Name } = PREDEFINED_DOCUMENTS[0]!
  await assert.rejects(service.call('CreateDocument', { Name, Content }), /already exists/)
})
