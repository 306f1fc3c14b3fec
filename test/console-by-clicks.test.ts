import { mkdtemp, rm } from 'node:fs/promises'
import { test } from 'node:test'
import type { SourceMachine } from '@landfall/cli'
import { detectAccelerator } from '@landfall/launch'
import type { Page } from 'playwright-core'
import { OperatorBrowser, show } from './browser.ts'
import { guestsOfToday } from './guests/rotation.ts'
import { CACHE_DIR } from './guests/run-cells.ts'
import { bootSource } from './guests/source-guest.ts'
import { Installation } from './installation.ts'

/**
 * A running server from its installation to the archive, by clicks alone: but for the commands that
 * the console shows, which an operator pastes into the server's shell. The pictures are those of
 * docs/guide. It takes longest, and its name has Node start it first, beside the others.
 */

/** Emulated guests on a machine that does other things too. */
const SYNC_DEADLINE_MS = 1_200_000
const LAUNCH_DEADLINE_MS = 1_800_000
const BOOT_DEADLINE_MS = 900_000

test('a running server is migrated by clicks alone', async (t) => {
  const { signal } = t
  const log = (message: string) => t.diagnostic(message)
  const { accelerator } = await detectAccelerator({ signal })
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp('/var/tmp/landfall-guest-')
  stack.defer(() => rm(folder, { recursive: true }))
  const installation = stack.use(await Installation.start('/var/tmp'))
  const browser = stack.use(await OperatorBrowser.open(installation))
  const { byClicks: cell } = guestsOfToday()
  log(cell.name)
  const options = { cacheDir: CACHE_DIR, accelerator, signal, log }
  const source = stack.use(await bootSource(cell, folder, options))
  await source.run('rm -f /boot/efi/startup.nsh; sync', { signal })

  const page = await browser.signedIn()
  log('adding the server')
  await addServer(page, source, signal)
  await untilReadyForTesting(page)
  log('testing')
  await launch(page, 'test')
  await seeInstance(page, 'test')
  await markReadyForCutover(page)
  log('cutting over')
  await launch(page, 'cutover', () => source[Symbol.asyncDispose]())
  await seeInstance(page, 'cutover')
  await seeWhatRevertLoses(page)
  log('finalizing')
  await finalize(page)
  await archive(page)
})

/** A-1, B-1 to B-3: commands for the server's shell, and the server in the list. */
async function addServer(page: Page, source: SourceMachine, signal: AbortSignal): Promise<void> {
  await page.getByText('No source servers yet.').waitFor()
  await show(page, 'guide-no-servers')
  await page.getByRole('button', { name: 'Add server' }).click()
  await page.getByLabel('Address of the service').click()
  // The host, as a guest on QEMU's user networking sees it.
  await page.getByRole('option', { name: '10.0.2.2' }).click()
  await page.getByRole('radio', { name: 'Temporary credentials' }).check()
  await page.getByRole('button', { name: 'Get temporary credentials' }).click()
  await page.getByText('is in the commands below').waitFor()
  await page.getByRole('checkbox', { name: 'Ask nothing' }).check()
  await show(page, 'guide-add-server')
  const commands = await page.locator('section pre').allTextContents()
  await source.run(['set -e', 'cd /root', ...commands, ''].join('\n'), { signal })
  const registered = page.getByRole('table', { name: 'Servers that have registered meanwhile' })
  await registered.getByRole('link').waitFor()
  await registered.scrollIntoViewIfNeeded()
  await show(page, 'guide-registered')
  await registered.getByRole('link').click()
}

/** B-4, B-5. */
async function untilReadyForTesting(page: Page): Promise<void> {
  await page.getByText('Next step: Wait for the initial sync').waitFor()
  await page.getByText('Everything is copied once.').waitFor()
  await show(page, 'guide-initial-sync')
  await atStep(page, 'Ready for testing', SYNC_DEADLINE_MS)
  await page.getByText(/from now to booted, at /).waitFor()
  await show(page, 'guide-ready-for-testing')
}

/** C-1 to C-3, or D-1 to D-3. */
async function launch(
  page: Page,
  purpose: 'test' | 'cutover',
  onPoint: () => Promise<void> = async () => {},
): Promise<void> {
  await page.getByRole('button', { name: `Launch ${purpose} instances`, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('This can be undone.').waitFor()
  await show(page, `guide-launch-${purpose}`)
  await dialog.getByRole('button', { name: 'Launch', exact: true }).click()
  await atStep(page, purpose === 'test' ? 'Test in progress' : 'Cutover in progress')
  await page.getByRole('tab', { name: 'History' }).click()
  await page
    .getByRole('table', { name: 'Jobs' })
    .getByRole('row', { name: `Launch ${purpose}` })
    .getByRole('link', { name: /^mgnjob-/ })
    .click()
  const jobLog = page.getByRole('table', { name: /Job log/ })
  await jobLog.getByText('Conversion started').waitFor({ timeout: LAUNCH_DEADLINE_MS })
  // Nothing more is taken from the source: the operator may switch it off.
  await onPoint()
  await jobLog.getByText('Job ended').waitFor({ timeout: LAUNCH_DEADLINE_MS })
  await page.getByText('Completed', { exact: true }).waitFor()
  await show(page, `guide-job-${purpose}`)
}

/** The instance's screen, until its agent has told that it has booted. */
async function seeInstance(page: Page, purpose: 'test' | 'cutover'): Promise<void> {
  await page
    .getByRole('table', { name: 'Servers of the job' })
    .getByRole('link', { name: /^i-/ })
    .click()
  await page.getByText('Succeeded').waitFor({ timeout: BOOT_DEADLINE_MS })
  await page.getByRole('img', { name: /^The screen of instance/ }).waitFor()
  await show(page, `guide-instance-${purpose}`)
  await page.getByRole('button', { name: 'Open the screen' }).click()
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.getByRole('application').locator('canvas').waitFor()
  await show(page, `guide-screen-${purpose}`)
  await openServer(page)
}

async function markReadyForCutover(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Mark as “Ready for cutover”', exact: true }).click()
  await show(page, 'guide-mark-ready')
  await confirm(page, 'Mark')
  await atStep(page, 'Ready for cutover')
}

/** A guest that has booted has written something on its disk. */
async function seeWhatRevertLoses(page: Page): Promise<void> {
  await atStep(page, 'Cutover in progress')
  await page.getByRole('button', { name: 'Test and cutover' }).click()
  await page.getByRole('menuitem', { name: 'Mark as “Ready for cutover”' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/^i-\w+: \d.* [KMG]iB on \/dev\//).waitFor()
  await show(page, 'guide-revert')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
}

async function finalize(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Finalize cutover', exact: true }).click()
  await page.getByRole('dialog').getByText('This cannot be undone.').waitFor()
  await show(page, 'guide-finalize')
  await confirm(page, 'Finalize')
  await atStep(page, 'Cutover complete')
  await show(page, 'guide-cutover-complete')
}

async function archive(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Mark as archived', exact: true }).click()
  await confirm(page, 'Archive')
  await page.getByText('Next step: –').waitFor()
  await page.getByRole('link', { name: 'Source servers', exact: true }).first().click()
  await page.getByRole('button', { name: 'Archived' }).click()
  await page.getByText('Cutover complete').waitFor()
  await show(page, 'guide-archived')
}

async function openServer(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Source servers', exact: true }).first().click()
  await page.locator('tbody').getByRole('link').first().click()
}

async function confirm(page: Page, verb: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click()
}

async function atStep(page: Page, step: string, timeout?: number): Promise<void> {
  const current = page.locator('[aria-current="step"]', { hasText: step })
  await current.waitFor(timeout === undefined ? {} : { timeout })
}
