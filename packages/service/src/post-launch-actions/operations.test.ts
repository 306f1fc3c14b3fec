import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestService, type TestService } from '../test-service.ts'

interface ActionView {
  readonly actionID: string
  readonly order: number
  readonly active: boolean
}

const ACTION = { actionName: 'check', documentIdentifier: 'Check', order: 1001, actionID: 'one' }

async function templateOf(service: TestService): Promise<string> {
  const { items } = await service.call<{ items: { launchConfigurationTemplateID: string }[] }>(
    'DescribeLaunchConfigurationTemplates',
  )
  return items[0]!.launchConfigurationTemplateID
}

test('actions of a server are put, put again, listed and removed', async (t) => {
  const service = await createTestService(t)
  const sourceServerID = await service.register()
  const put = (action: object) =>
    service.call<ActionView>('PutSourceServerAction', { sourceServerID, ...ACTION, ...action })
  assert.equal((await put({})).active, true)
  await put({ active: false })
  await assert.rejects(put({ actionID: 'two' }), { code: 'conflict' })
  await put({ actionID: 'two', order: 1002 })
  const list = (filters: object) =>
    service.call<{ items: ActionView[] }>('ListSourceServerActions', { sourceServerID, filters })
  assert.deepEqual(
    (await list({})).items.map(({ actionID, active }) => [actionID, active]),
    [
      ['one', false],
      ['two', true],
    ],
  )
  assert.equal((await list({ actionIDs: ['two'] })).items.length, 1)
  const removal = { sourceServerID, actionID: 'one' }
  await service.call('RemoveSourceServerAction', removal)
  await assert.rejects(service.call('RemoveSourceServerAction', removal), { code: 'not_found' })
})

test('a new server takes over the actions of the template, but those for Windows', async (t) => {
  const service = await createTestService(t)
  const launchConfigurationTemplateID = await templateOf(service)
  const put = (action: object) =>
    service.call('PutTemplateAction', { launchConfigurationTemplateID, ...ACTION, ...action })
  await put({ operatingSystem: 'linux' })
  await put({ actionID: 'two', order: 1002, operatingSystem: 'windows' })
  const sourceServerID = await service.register()
  const { items } = await service.call<{ items: object[] }>('ListSourceServerActions', {
    sourceServerID,
  })
  assert.equal(items.length, 1)
  assert.partialDeepStrictEqual(items[0], ACTION)
  assert.ok(!('operatingSystem' in items[0]!))
})
