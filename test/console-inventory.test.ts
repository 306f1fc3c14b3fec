import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { OperatorBrowser, requireAccessible, show, takePicture } from './browser.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/** The console's rooms of the inventory and its users, in a real browser. */

const DISK_BYTES = 64 * 1024 * 1024

const HEADERS = 'mgn:server:user-provided-id,mgn:server:fqdn-for-action-framework'

const file = (name: string, ...rows: string[]) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from([HEADERS, ...rows, ''].join('\r\n')),
})

async function fillInDialog(page: Page, name: string, verb: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill(name)
  await dialog.getByRole('button', { name: verb, exact: true }).click()
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option }).click()
  await page.keyboard.press('Escape')
}

test('an inventory is imported, grouped, handed to a reader and looked through by clicks', async (t) => {
  await using installation = await Installation.start()
  await using browser = await OperatorBrowser.open(installation)
  const page = await browser.signedIn('/import-export')
  // Each goes on from where the one before has ended: what fails ends the story.
  const step = async (what: string, story: () => Promise<void>) => {
    t.diagnostic(what)
    await story()
  }

  await step('a file with a wrong row is told row by row, and changes nothing', async () => {
    await page.getByText('Nothing was imported yet').waitFor()
    await show(page, 'import-export-empty')
    await page
      .locator('input[type=file]')
      .setInputFiles(file('wrong.csv', 'web01,web01.example.org', 'web02,'))
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('The file was not imported').waitFor()
    const errors = page.getByRole('table', { name: /Errors of .*wrong\.csv/ })
    await errors.getByRole('rowheader', { name: '3', exact: true }).waitFor()
    await errors.getByText('needs mgn:server:fqdn-for-action-framework').waitFor()
    await show(page, 'import-export-errors')
    await page
      .locator('input[type=file]')
      .setInputFiles(file('right.csv', 'web01,web01.example.org'))
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('cell', { name: '1 created' }).waitFor()
    assert.match(page.url(), /import=import-/)
  })

  await step('everything is exported and comes as a file', async () => {
    await page.getByRole('tab', { name: 'Export' }).click()
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: /^Download .*inventory\.csv$/ }).click()
    const download = await coming
    assert.match(download.suggestedFilename(), /-inventory\.csv$/)
    const text = Buffer.concat(await Array.fromAsync(await download.createReadStream())).toString()
    assert.match(text, /web01,web01\.example\.org/)
    await show(page, 'import-export')
  })

  await step('the imported server is put into an application, and that into a wave', async () => {
    await page.getByRole('link', { name: 'Applications' }).click()
    await page.getByText('No applications yet').waitFor()
    await show(page, 'applications-empty')
    await page.getByRole('button', { name: 'Create application' }).click()
    await requireAccessible(page)
    await fillInDialog(page, 'shop', 'Create')
    await page.getByText('Add those that move together').waitFor()
    await page.getByRole('button', { name: 'Add source servers' }).click()
    await choose(page, 'Source servers', 'web01')
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('Added to shop').waitFor()
    await page.getByRole('rowheader', { name: 'web01' }).waitFor()
    await show(page, 'application')

    await page.getByRole('link', { name: 'Waves' }).click()
    await page.getByText('No waves yet').waitFor()
    await page.getByRole('button', { name: 'Create wave' }).click()
    await fillInDialog(page, 'first night', 'Create')
    await page.getByRole('button', { name: 'Add applications' }).click()
    await choose(page, 'Applications', 'shop')
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('link', { name: 'shop' }).waitFor()
    await page.getByText('Actions are for all of the wave').waitFor()
    await page.getByText('1 Agent not installed').waitFor()
    await show(page, 'wave')
  })

  await step('what cannot be done to all servers of a wave says why', async () => {
    await page.getByRole('button', { name: 'Test and cutover' }).click()
    await page.getByRole('menuitem', { name: 'Launch test instances' }).hover()
    await page.getByRole('tooltip').getByText('It is PENDING_INSTALLATION').waitFor()
    await takePicture(page, 'wave-refusal')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Actions', exact: true }).first().click()
    await page.getByRole('menuitem', { name: 'Archive' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Archive', exact: true }).click()
    await page.getByText('still has 1 applications that are not archived').waitFor()
    await show(page, 'wave-archive-refused')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('link', { name: 'Waves' }).click()
    await page.getByRole('link', { name: 'first night' }).waitFor()
    await show(page, 'waves')
  })

  await step('a user is made with a key, and a policy that is none is told', async () => {
    await page.getByRole('link', { name: 'Users and keys' }).click()
    await page.getByRole('button', { name: 'Create user' }).click()
    await page.getByRole('dialog').getByLabel('User name').fill('reader')
    await choose(page, 'Managed policies', 'AWSApplicationMigrationReadOnlyAccess')
    await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click()
    await page.getByText('Access key of reader').waitFor()
    await show(page, 'users')
    const shown = await page.getByText(/^AKIA\w{16}$/).innerText()
    const secret = await page
      .getByText(/^[\w+/=]{40}$/)
      .first()
      .innerText()
    const reader = { accessKeyId: shown, secretAccessKey: secret }

    await page.getByRole('link', { name: 'reader', exact: true }).click()
    await page.getByRole('cell', { name: 'Never' }).waitFor()
    await page.getByRole('button', { name: 'Create own policy' }).click()
    await page.getByLabel('Policy name').fill('mine')
    await page.getByLabel('Policy document').fill('{"Statement": []}')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The policy is not valid: Statement').waitFor()
    await show(page, 'user-policy-refused')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
    await page.getByLabel('Password again').fill('correct horse battery')
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByText('kept as a hash').waitFor()
    await show(page, 'user')

    await page.getByRole('link', { name: 'Users and keys' }).first().click()
    await page.getByRole('button', { name: 'Show AWSApplicationMigrationReadOnlyAccess' }).click()
    await page.getByText('"LandfallOwnActions"').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Create policy' }).click()
    await page.getByLabel('Policy name').fill('planner')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('planner was saved').waitFor()
    await show(page, 'policies')
    await page.getByRole('button', { name: 'Delete planner' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('planner was deleted').waitFor()

    const other = await browser.signedIn('/applications', reader)
    await other.getByRole('link', { name: 'shop' }).waitFor()
    await other.getByRole('button', { name: 'Create application' }).hover()
    await other
      .getByRole('tooltip')
      .getByText('The policies of reader do not allow mgn:CreateApplication.')
      .waitFor()
    await show(other, 'applications-read-only')
    await other.getByRole('link', { name: 'Users and keys' }).click()
    await other.getByText('The policies of reader do not allow iam:ListUsers.').waitFor()
    await other.getByRole('link', { name: 'Audit log' }).click()
    await other.getByText('do not allow landfall:ListAuditEvents.').waitFor()
    await show(other, 'audit-not-allowed')
  })

  await step('the commands of the page add a server, which the page shows', async () => {
    await page.getByRole('link', { name: 'Source servers' }).click()
    await page.getByRole('button', { name: 'Add server' }).click()
    await page.getByText('Waiting: a server appears here').waitFor()
    await page.getByRole('radio', { name: 'A new access key' }).check()
    await page.getByLabel('User name').fill('installer')
    await page.getByRole('button', { name: 'Create access key' }).click()
    await page.getByText(/^AKIA\w+ is in the commands below/).waitFor()
    await show(page, 'add-server-key')
    await page.getByRole('radio', { name: 'Temporary credentials' }).check()
    await page.getByRole('button', { name: 'Get temporary credentials' }).click()
    await page.getByText(/^ASIA\w+ is in the commands below/).waitFor()
    await using disk = await LoopDisk.create(DISK_BYTES)
    await page.getByLabel('Disks').fill(disk.device)
    await page.getByRole('checkbox', { name: 'Ask nothing' }).check()
    await page.getByLabel('Your own ID of the server').fill('web01')
    await installAsShown(page)
    await page
      .getByRole('table', { name: 'Servers that have registered' })
      .getByRole('link')
      .waitFor()
    await show(page, 'add-server')
  })

  await step('the audit log tells who did all that, and is searched by its address', async () => {
    await page.getByRole('link', { name: 'Audit log' }).click()
    await page.getByRole('button', { name: 'Show only iam:CreateUser' }).first().waitFor()
    await show(page, 'audit')
    await page.getByRole('button', { name: 'Show only mgn:CreateApplication' }).click()
    await page
      .getByRole('button', { name: 'Show only iam:CreateUser' })
      .first()
      .waitFor({ state: 'detached' })
    assert.match(page.url(), /action=mgn%3ACreateApplication/)
    await page.getByRole('button', { name: 'Input' }).click()
    await page.getByText('"name": "shop"').waitFor()
    const refused = await browser.signedIn('/audit?result=other')
    await refused.getByText('still has 1 applications that are not archived').waitFor()
    await show(refused, 'audit-refused')
  })
})

/** Runs the commands as they are on the page, but for the folder, which a test has to itself. */
async function installAsShown(page: Page): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-pasted-'))
  const text = async (title: string) =>
    await page.getByRole('region', { name: title }).locator('pre').innerText()
  const own = `--force-volumes --install-dir ${folder}/agent`
  const script = [
    'set -e',
    await text('Say by which certificate the service is trusted'),
    await text('Download the installer and check it'),
    `${await text('Install the agent')} ${own}`,
    `${folder}/agent/uninstall-agent.sh`,
  ].join('\n')
  try {
    await promisify(execFile)('/bin/sh', ['-c', script], { cwd: folder })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
