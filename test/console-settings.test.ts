import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  DescribeSourceServersCommand,
  GetLaunchConfigurationCommand,
  GetReplicationConfigurationCommand,
  ListSourceServerActionsCommand,
  type MgnClient,
} from '@aws-sdk/client-mgn'
import type { ActionRunsView } from '@landfall/model'
import type { Locator, Page } from 'playwright-core'
import { OperatorBrowser, requireAccessible, show, takePicture } from './browser.ts'
import { Installation } from './installation.ts'

/** The console's settings in a real browser: of one server that was imported, and the templates. */

/** An inventory of one server, whose launch template has a disk. */
const INVENTORY = `mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework,mgn:launch:volume:/dev/sda:type
shop,shop.example.org,gp3
`

async function importServer(installation: Installation, client: MgnClient): Promise<string> {
  const file = join(installation.dataDir, 'servers.csv')
  await writeFile(file, INVENTORY)
  await installation.landfall('inventory', 'import', file)
  const { items } = await client.send(new DescribeSourceServersCommand({}))
  const id = items?.[0]?.sourceServerID
  assert.ok(id)
  return id
}

/** As ListActionRuns tells of a launch after which an action failed. */
const RUNS: ActionRunsView = {
  sourceServerID: 's-0123456789abcdef0',
  instanceID: 'i-0123456789abcdef0',
  purpose: 'TEST',
  runs: [
    {
      actionID: 'check',
      actionName: 'Check the shop',
      documentIdentifier: 'Check',
      order: 1001,
      mustSucceedForCutover: true,
      state: 'FAILED',
      attempt: 2,
      failureReason: 'Step run ended with status 1',
      startedAt: '2026-01-10T09:00:00.000Z',
      endedAt: '2026-01-10T09:00:02.000Z',
      steps: [
        {
          name: 'run',
          status: 'Failed',
          exitStatus: 1,
          startedAt: '2026-01-10T09:00:00.000Z',
          endedAt: '2026-01-10T09:00:02.000Z',
          stdout: 'asking the shop',
          stderr: 'the shop is closed',
        },
      ],
    },
  ],
}

const form = (page: Page, name: string) => page.getByRole('form', { name })

/** Saves a form, and waits until that is told. */
async function save(page: Page, name: string, notice: string): Promise<void> {
  await form(page, name).getByRole('button', { name: 'Save' }).click()
  await page.getByText(notice).first().waitFor()
}

/** What a screen reader says of a field besides its name. */
async function descriptionOf(field: Locator): Promise<string> {
  const ids = (await field.getAttribute('aria-describedby'))?.split(' ') ?? []
  const page = field.page()
  const texts = ids.map((id) => page.locator(`[id="${id}"]`).textContent())
  return (await Promise.all(texts)).join(' ')
}

/** Saves, and requires that the field itself says why it was refused. */
async function requireRefusal(
  field: Locator,
  { by, text }: { readonly by: Locator; readonly text: string },
): Promise<void> {
  await by.click()
  await field.page().getByText(text).first().waitFor()
  assert.ok((await descriptionOf(field)).includes(text), await descriptionOf(field))
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${label} `) }).click()
  await page.getByRole('option', { name: option }).first().click()
}

test('settings are changed by forms that say at the field what is refused', async (t) => {
  await using installation = await Installation.start()
  await using browser = await OperatorBrowser.open(installation)
  const client = await installation.client()
  const sourceServerID = await importServer(installation, client)
  const address = `/source-servers/${sourceServerID}`

  await t.test('replication: throttle, points and scrub; leaving unsaved asks', async () => {
    const page = await browser.signedIn(`${address}?tab=replication`)
    const throttle = page.getByLabel('Bandwidth throttling')
    const saveThrottle = form(page, 'Data replication').getByRole('button', { name: 'Save' })
    await throttle.fill('20000')
    const tooMuch = 'It must have value less than or equal to 10000.'
    await requireRefusal(throttle, { by: saveThrottle, text: tooMuch })
    await throttle.fill('50')
    await page.getByText(tooMuch).waitFor({ state: 'detached' })
    await save(page, 'Data replication', 'The replication settings are saved.')
    const { bandwidthThrottling } = await client.send(
      new GetReplicationConfigurationCommand({ sourceServerID }),
    )
    assert.equal(bandwidthThrottling, 50)

    const every = page.getByRole('spinbutton', { name: 'Make a point every' })
    await every.fill('0')
    const savePoints = form(page, 'Points in time').getByRole('button', { name: 'Save' })
    await requireRefusal(every, { by: savePoints, text: 'Is a whole number of minutes, 1 to' })
    await takePicture(page, 'server-replication-settings-refused')
    await every.fill('5')
    await page.getByText('That is about 44 points at a time').waitFor()
    await save(page, 'Points in time', 'The point policy is saved.')
    await page.getByRole('radio', { name: 'Off' }).click()
    await save(page, 'Comparison of source and replica', 'The rate of the comparison is saved.')
    const landfall = (...args: string[]) => installation.landfall(...args)
    assert.match(await landfall('points', 'policy', sourceServerID), /every +5m/)
    await requireAccessible(page)
    await takePicture(page, 'server-replication-settings')

    await throttle.fill('60')
    await page.getByRole('tab', { name: 'Launch settings', exact: true }).click()
    await page.getByText('is lost when you leave').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'settings-unsaved')
    await page.getByRole('button', { name: 'Stay' }).click()
    assert.equal(await throttle.inputValue(), '60')
    await page.getByRole('tab', { name: 'Launch settings', exact: true }).click()
    await page.getByRole('button', { name: 'Leave' }).click()
    await form(page, 'General settings').waitFor()
    assert.match(page.url(), /tab=launch/)
  })

  await t.test('launch: settings and template, and beside them what they come to', async () => {
    const page = await browser.signedIn(`${address}?tab=launch`)
    const plan = page.getByText('Test launch, as it would be now')
    await plan.waitFor()
    await page.getByText('Not at this moment').first().waitFor()
    await page.getByText('MAP program tagging').click()
    const value = page.getByLabel('Value of the tag map-migrated')
    await value.fill('x'.repeat(257))
    const saveGeneral = form(page, 'General settings').getByRole('button', { name: 'Save' })
    const tooLong = 'It must have length less than or equal to 256.'
    await requireRefusal(value, { by: saveGeneral, text: tooLong })
    await value.fill('mig1')
    await form(page, 'General settings').getByRole('radio', { name: 'Off' }).click()
    await save(page, 'General settings', 'The general launch settings are saved.')
    const configuration = await client.send(new GetLaunchConfigurationCommand({ sourceServerID }))
    assert.equal(configuration.mapAutoTaggingMpeID, 'mig1')
    assert.equal(configuration.targetInstanceTypeRightSizingMethod, 'NONE')
    await page.getByText('map-migrated=mig1').first().waitFor()

    await choose(page, 'Instance type', 'm5.large')
    await page.getByLabel('/dev/sda: operations a second').fill('500')
    await page.getByRole('button', { name: 'Add tag' }).click()
    await page.getByLabel('Key').last().fill('tier')
    await page.getByLabel('Value', { exact: true }).last().fill('web')
    await page.getByText('Termination protection').first().click()
    await save(page, 'EC2 launch template', 'The launch template has a new version')
    await page.getByText('m5.large: 2 vCPUs').first().waitFor()
    await page.getByText('tier=web').first().waitFor()
    await page.getByRole('button', { name: 'Versions' }).click()
    await page.getByRole('button', { name: 'Make the default: version 1' }).waitFor()

    await page.getByRole('radio', { name: 'Like the cutover' }).click()
    await save(page, 'Test network', 'The test network is saved.')
    assert.match(await installation.landfall('launch-settings', sourceServerID), /like-cutover/)
    await requireAccessible(page)
    await takePicture(page, 'server-launch-settings')
  })

  await t.test('post-launch: when, predefined and own actions, and no results yet', async () => {
    const page = await browser.signedIn(`${address}?tab=post-launch`)
    await page.getByText('No instance was launched from this server.').waitFor()
    await page.getByRole('radio', { name: 'After test launches' }).click()
    await save(page, 'When actions run', 'It is saved when actions run.')

    await page.getByRole('button', { name: 'Add predefined action' }).click()
    const dialog = page.getByRole('dialog')
    await choose(page, 'Action', 'Verify HTTP response')
    const urls = dialog.getByLabel('Urls')
    const add = dialog.getByRole('button', { name: 'Add', exact: true })
    await requireRefusal(urls, { by: add, text: 'Has no default and must be given.' })
    await requireAccessible(page)
    await takePicture(page, 'server-post-launch-refused')
    await urls.fill('http://127.0.0.1/\nhttp://127.0.0.1/health')
    await add.click()
    await page.getByText('The action is saved.').first().waitFor()
    await page.getByLabel('Must succeed for the cutover: Verify HTTP response').click()
    await page.getByRole('button', { name: 'Edit Verify HTTP response' }).click()
    assert.equal(await urls.inputValue(), 'http://127.0.0.1/\nhttp://127.0.0.1/health')
    await dialog.getByLabel('Must succeed for the cutover').and(page.locator(':checked')).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()

    await page.getByRole('button', { name: 'Add own action' }).click()
    await dialog.getByLabel('Name', { exact: true }).fill('Check the shop')
    const document = dialog.getByLabel('SSM document')
    await document.fill('not a name')
    await page.keyboard.press('Escape')
    const noDocument = 'Not a name cannot be the name of an SSM document'
    await requireRefusal(document, { by: add, text: noDocument })
    await document.fill('AWS-RunShellScript')
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Add parameter', exact: true }).click()
    await dialog.getByRole('textbox', { name: 'Parameters Parameter' }).fill('commands')
    await dialog.getByLabel('Name in the parameter store').fill('check-commands')
    await requireAccessible(page)
    await takePicture(page, 'server-post-launch-own')
    await add.click()
    await page.getByRole('button', { name: 'Edit Check the shop' }).waitFor()
    const { items } = await client.send(new ListSourceServerActionsCommand({ sourceServerID }))
    assert.deepEqual(
      items?.map(({ order, parameters }) => ({ order, parameters })),
      [
        {
          order: 1001,
          parameters: {
            commands: [{ parameterType: 'STRING', parameterName: 'check-commands' }],
          },
        },
      ],
    )
    await requireAccessible(page)
    await takePicture(page, 'server-post-launch-settings')
    await page.getByRole('button', { name: 'Remove Check the shop' }).click()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('Check the shop is removed.').waitFor()
  })

  await t.test(
    'results are shown with what was written; what cannot be shown says why',
    async () => {
      const page = await browser.signedIn(`${address}?tab=post-launch`)
      // A launch takes a guest; here it is about what is shown of one.
      await page.route('**/landfall/ListActionRuns', (route) => route.fulfill({ json: RUNS }))
      await page.getByRole('button', { name: 'Check the shop', exact: true }).click()
      await page.getByText('the shop is closed').waitFor()
      await page.getByText('on test instance i-0123456789abcdef0', { exact: false }).waitFor()
      await requireAccessible(page)
      await takePicture(page, 'server-post-launch-results')
      await page.getByRole('button', { name: 'Run failed ones again' }).click()
      await page.getByText('has no launched instance; actions run after a launch').waitFor()

      const failing = await browser.signedIn()
      await failing.route('**/mgn/GetLaunchConfiguration', (route) =>
        route.fulfill({ status: 400, json: { message: 'The settings are not to be read today.' } }),
      )
      await failing.goto(`${installation.endpoint}/console${address}?tab=launch`)
      await failing.getByText('Landfall cannot show the launch settings').waitFor()
      await failing.getByText('The settings are not to be read today.').waitFor()
      await requireAccessible(failing)
      await takePicture(failing, 'server-launch-settings-failing')
    },
  )

  await t.test('events and buckets: where they go, and secrets that are shown once', async () => {
    const page = await browser.signedIn('/settings?tab=events')
    const dialog = page.getByRole('dialog')
    await page.getByText('Events are posted nowhere.').waitFor()
    await page.getByRole('button', { name: 'Set webhook' }).click()
    const url = dialog.getByLabel('Address')
    await url.fill('chat.example.org')
    await dialog.getByRole('button', { name: 'Set', exact: true }).click()
    await dialog.getByText('it begins with https:// or http://').waitFor()
    await show(page, 'settings-webhook-refused')
    await url.fill('http://127.0.0.1:9/hook')
    await dialog.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByRole('button', { name: 'Copy secret' }).waitFor()
    await page.getByText('Events are posted to http://127.0.0.1:9/hook.').waitFor()
    await show(page, 'settings-events')
    await page.getByRole('button', { name: 'Remove webhook' }).click()
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('Events are posted nowhere.').waitFor()
    assert.match(await installation.landfall('webhook'), /posted nowhere/)

    await page.getByRole('tab', { name: 'Buckets' }).click()
    await page.getByText('Buckets are folders of the service').waitFor()
    await page.getByRole('button', { name: 'Set store' }).click()
    await dialog.getByLabel('Address').fill('https://s3.example.org')
    await dialog.getByLabel('Access key ID').fill('AKID')
    await dialog.getByLabel('Secret access key').fill('not shown')
    await show(page, 'settings-bucket-store')
    await dialog.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByText('https://s3.example.org', { exact: true }).waitFor()
    await show(page, 'settings-buckets')
    await page.getByRole('button', { name: 'Use no store' }).click()
    await dialog.getByRole('button', { name: 'Use folders' }).click()
    await page.getByText('Buckets are folders of the service').waitFor()
    assert.match(await installation.landfall('buckets'), /Buckets are folders/)
  })

  await t.test('templates: what servers to come take over', async () => {
    const page = await browser.signedIn('/settings')
    await page.getByLabel('Bandwidth throttling').fill('70')
    await save(page, 'Data replication', 'The replication settings are saved.')
    await requireAccessible(page)
    await takePicture(page, 'settings-replication-template')

    await page.getByRole('tab', { name: 'Launch template', exact: true }).click()
    const operations = page.getByLabel('Large disks: operations a second')
    await operations.fill('50')
    const saveDisks = form(page, 'Disks').getByRole('button', { name: 'Save' })
    const tooFew = 'It must have value greater than or equal to 100.'
    await requireRefusal(operations, { by: saveDisks, text: tooFew })
    await operations.fill('200')
    await save(page, 'Disks', 'The settings of disks are saved.')
    await page.emulateMedia({ colorScheme: 'dark' })
    await requireAccessible(page)
    await takePicture(page, 'settings-launch-template-dark')

    await page.getByRole('tab', { name: 'Post-launch template', exact: true }).click()
    await page.getByText('No actions. Add a predefined one').waitFor()
    await page.getByRole('radio', { name: 'Never' }).click()
    await save(page, 'When actions run', 'It is saved when actions run.')
    await page.getByRole('button', { name: 'Add predefined action' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('button', { name: 'Edit Remove guest agents' }).waitFor()
    await requireAccessible(page)
    await takePicture(page, 'settings-post-launch-template')
  })
})
