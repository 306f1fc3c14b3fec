import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { OperatorBrowser, requireAccessible, takePicture } from './browser.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/** The console in a real browser, against the real service and a real agent. */

const DISK_BYTES = 64 * 1024 * 1024

/** Two people who look at one server see the same within it. */
const CONSISTENT_MS = 3000

test('an operator signs in, sees a server, and does with it what is possible', async (t) => {
  await using installation = await Installation.start()
  await using browser = await OperatorBrowser.open(installation)

  await t.test(
    'a wrong key is told, a right one shows an empty list with the next step',
    async () => {
      const page = await browser.page()
      await page.getByLabel('Access key ID').fill('AKIAAAAAAAAAAAAAAAAA')
      await page.getByLabel('Secret access key').fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('Access key ID or secret is wrong').waitFor()
      await requireAccessible(page)
      await takePicture(page, 'sign-in')
      const signedIn = await browser.signedIn()
      await signedIn.getByText('No source servers yet. Install the agent').waitFor()
      await requireAccessible(signedIn)
      await takePicture(signedIn, 'source-servers-empty')
    },
  )

  await using disk = await LoopDisk.create(DISK_BYTES)
  await using agent = await InstalledAgent.install(installation, [disk.device])
  await installation.untilContinuous(agent.sourceServerID)

  await t.test(
    'what cannot be done says why, and what can be done is done when confirmed',
    async () => {
      const page = await browser.signedIn()
      const other = await browser.signedIn()
      await page.getByText('Healthy').waitFor()
      await other.getByText('Healthy').waitFor()
      await page.getByRole('button', { name: 'Test and cutover' }).click()
      assert.match(
        (await page
          .getByRole('menuitem', { name: 'Finalize cutover' })
          .getAttribute('aria-disabled')) ?? '',
        /true/,
      )
      await page.keyboard.press('Escape')
      await page.getByRole('checkbox', { name: `Choose ${agent.sourceServerID}` }).click()
      await page.getByRole('button', { name: 'Test and cutover' }).click()
      await page.getByRole('menuitem', { name: 'Finalize cutover' }).hover()
      await page
        .getByRole('tooltip')
        .getByText('It is READY_FOR_TEST, where FinalizeCutover')
        .waitFor()
      await takePicture(page, 'source-servers-refusal')
      await page.keyboard.press('Escape')

      await page.getByRole('button', { name: 'Replication' }).click()
      await page.getByRole('menuitem', { name: 'Pause data replication' }).click()
      await page.getByText('This can be undone. Resume data replication').waitFor()
      await requireAccessible(page)
      await takePicture(page, 'source-servers-confirm')
      await page.getByRole('button', { name: 'Pause', exact: true }).click()
      await page.getByText('Pause data replication: ').waitFor()
      await other.getByText('Paused').waitFor({ timeout: CONSISTENT_MS })
      await page.getByText('Resume data replication').first().waitFor()
      await requireAccessible(page)
      await takePicture(page, 'source-servers')
    },
  )

  await t.test('the list is in its address, and a search finds by a part of the name', async () => {
    const page = await browser.signedIn('/source-servers?view=ARCHIVED')
    await page.getByText('No archived servers.').waitFor()
    const all = await browser.signedIn('/source-servers')
    await all.getByLabel('Find source servers').fill('no such server')
    await all.getByText('No source server matches.').waitFor()
    assert.match(all.url(), /text=no\+such\+server/)
  })

  await t.test('who signs out is out', async () => {
    const page = await browser.signedIn()
    await page.getByRole('button', { name: 'admin' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Landfall' }).waitFor()
  })
})
