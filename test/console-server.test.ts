import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { InstalledAgent } from './agent.ts'
import { OperatorBrowser, requireAccessible, show, takePicture } from './browser.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/** The page of one server in a real browser, of a real agent with a real disk. */

const DISK_BYTES = 64 * 1024 * 1024

/** The service samples replication every minute. */
const SAMPLED_MS = 90_000

/** Of each tab: its ID in the address, and what is on it of the server. */
const TABS = [
  ['preflight', 'Nothing was rehearsed yet.'],
  ['info', 'Operating system'],
  ['disks', '64.0 MiB of 64.0 MiB'],
  ['network', 'Test instances are isolated'],
  ['tags', 'No tags associated'],
  ['history', 'Data began to flow'],
] as const

const PHONE = { width: 390, height: 844 }

test('a server has a page, on which it is seen and its points and tags are looked after', async (t) => {
  await using installation = await Installation.start()
  await using browser = await OperatorBrowser.open(installation)
  await using disk = await LoopDisk.create(DISK_BYTES)
  await disk.mountExt4()
  await using agent = await InstalledAgent.install(installation, [disk.device])
  const { sourceServerID } = agent
  await installation.untilContinuous(sourceServerID)
  const path = `/source-servers/${sourceServerID}`

  await t.test('the list leads to it, and it says where the server is', async () => {
    const page = await browser.signedIn()
    await page.getByRole('row', { name: sourceServerID }).getByRole('link').click()
    await page.waitForURL(`**${path}`)
    await current(page, 'Ready for testing').waitFor()
    await page.getByText('Next step: Launch test instance').waitFor()
    await page.getByText('No bottleneck: nothing waits.').waitFor()
    await takePicture(page, 'server-dashboard')
    await page.getByRole('button', { name: 'Data replication initiation' }).click()
    await page.getByText('Connect agent to replication server').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'server-initiation')
    await page.getByRole('button', { name: 'Launch test instances' }).click()
    await page.getByText('This can be undone. Terminate the test instance').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  await t.test('a point is taken, verified and deleted when that is confirmed', async () => {
    const page = await browser.signedIn(path)
    await page.getByRole('heading', { name: 'Points (1)' }).waitFor()
    await confirm(page, 'Take point', 'Take')
    const taken = page.getByRole('row', { name: 'On demand' })
    await taken.getByText('Available').waitFor()
    await taken.getByRole('button', { name: 'File system' }).waitFor()

    await taken.getByRole('radio').click()
    await confirm(page, 'Verify point', 'Verify')
    await page.getByText(/^Verified: .* are equal/).waitFor()
    await page.getByRole('img', { name: '2 points on a time line, 1 of them verified' }).waitFor()
    await requireAccessible(page)
    await page.getByRole('heading', { name: 'Points (2)' }).scrollIntoViewIfNeeded()
    await takePicture(page, 'server-points')

    await page.getByRole('button', { name: 'Export point' }).click()
    await page.getByText(`landfall points export ${sourceServerID} --point point-`).waitFor()
    await show(page, 'server-point-export')
    await page.getByRole('button', { name: 'Close', exact: true }).click()

    // The newest is what a launch needs: the refusal says so.
    await confirm(page, 'Delete point', 'Delete')
    await page.getByRole('dialog').getByText('it is the newest').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('row', { name: 'Schedule' }).getByRole('radio').click()
    await confirm(page, 'Delete point', 'Delete')
    await page.getByRole('heading', { name: 'Points (1)' }).waitFor()
  })

  for (const [tab, text] of TABS) {
    await t.test(`the tab ${tab} is at its address`, async () => {
      const page = await browser.signedIn(`${path}?tab=${tab}`)
      await page.getByText(text).first().waitFor()
      await page.waitForLoadState('networkidle').catch(() => undefined)
      await requireAccessible(page)
      await takePicture(page, `server-${tab}`)
    })
  }

  await t.test('a passphrase is kept, and forgotten', async () => {
    const page = await browser.signedIn(`${path}?tab=disks`)
    await page.getByText('No passphrase is kept.').waitFor()
    await page.getByRole('button', { name: 'Keep passphrase' }).click()
    await page.getByLabel('Name', { exact: true }).fill('root')
    await page.getByLabel('Passphrase', { exact: true }).fill('opens the disk')
    await show(page, 'server-passphrase')
    await page.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click()
    await page.getByText('The passphrase root is kept').waitFor()
    assert.match(await installation.landfall('disk-keys', 'list', sourceServerID), /^root /m)
    await confirm(page, 'Forget root', 'Forget')
    await page.getByText('No passphrase is kept.').waitFor()
    assert.match(await installation.landfall('disk-keys', 'list', sourceServerID), /No passphrase/)
  })

  await t.test('tags are edited', async () => {
    const page = await browser.signedIn(`${path}?tab=tags`)
    await page.getByRole('button', { name: 'Add new tag' }).click()
    await page.getByRole('combobox').first().fill('tier')
    await page.getByRole('combobox').nth(1).fill('web')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Save tags' }).click()
    await page.getByText('Tags saved: ').waitFor()
    assert.deepEqual((await installation.sourceServer(sourceServerID)).tags, { tier: 'web' })
    await page.getByRole('button', { name: /^Remove/ }).click()
    await page.getByRole('button', { name: 'Save tags' }).click()
    await page.getByText('No tags associated').waitFor()
    assert.deepEqual((await installation.sourceServer(sourceServerID)).tags, {})
  })

  await t.test('what is refused is disabled with the reason, and changes at once', async () => {
    const page = await browser.signedIn(path)
    await page.getByRole('button', { name: 'Replication', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Pause data replication' }).click()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByText('Next step: Resume data replication').waitFor()
    await page.getByText('No data flows at present.').waitFor()
    await page.getByRole('button', { name: 'Take point' }).hover()
    await page.getByRole('tooltip').getByText('its replication is paused').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'server-paused')
  })

  await t.test('it can be watched in the dark and on a phone', async () => {
    const page = await browser.signedIn(path)
    await current(page, 'Ready for testing').waitFor()
    await page.emulateMedia({ colorScheme: 'dark' })
    await requireAccessible(page)
    await takePicture(page, 'server-dark')
    await page.setViewportSize(PHONE)
    await current(page, 'Ready for testing').waitFor()
    await takePicture(page, 'server-phone')
  })

  await t.test(
    'while the service does not answer, the page says so and shows what it knew',
    async () => {
      const page = await browser.signedIn(path)
      await current(page, 'Ready for testing').waitFor()
      await page.route('**/console/api/**', (route) => route.abort())
      const notice = page.getByText('The service does not answer.')
      await notice.first().waitFor()
      await current(page, 'Ready for testing').waitFor()
      await requireAccessible(page)
      await takePicture(page, 'server-failing')
      await page.unroute('**/console/api/**')
      await notice.first().waitFor({ state: 'detached' })
    },
  )

  await t.test('how its replication went is drawn', async () => {
    const page = await browser.signedIn(`${path}?hours=6`)
    await page.getByLabel('Backlog over time').waitFor({ timeout: SAMPLED_MS })
    await requireAccessible(page)
    await page.getByRole('heading', { name: 'Lag and backlog' }).scrollIntoViewIfNeeded()
    await takePicture(page, 'server-charts')
  })

  await t.test('a server that does not exist says so', async () => {
    const page = await browser.signedIn('/source-servers/s-00000000000000000')
    await page.getByText('There is no source server s-00000000000000000').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'server-unknown')
  })
})

function current(page: Page, step: string) {
  return page.locator('[aria-current="step"]', { hasText: step })
}

/** Presses the button, and in the dialog that it opens the one that does it. */
async function confirm(page: Page, button: string, verb: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
}
