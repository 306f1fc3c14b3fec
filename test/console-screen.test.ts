import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildConsole } from '../packages/console/build/index.ts'
import { startLandfall } from '../packages/service/src/conformance/landfall.fixture.ts'
import { OperatorBrowser, requireAccessible, show, takePicture } from './browser.ts'
import { eventually } from './eventually.ts'
import { RfbServer, SCREEN } from './rfb-server.ts'

/**
 * The console's page of a running instance, with its screen, in a real browser: against the
 * service's own code over HTTPS. The hypervisor alone is played, down to the bytes of RFB.
 */

const DEADLINE_MS = 30_000

/** X11's numbers of keys. */
const KEY = { a: 0x61, control: 0xffe3, alt: 0xffe9, delete: 0xffff }

test('an operator looks at a running instance, types on its screen, and stops it', async (t) => {
  const { service, landfall, provider } = await startLandfall(t)
  await cp(await buildConsole(), join(service.folder, 'console'), { recursive: true })
  const sourceServerID = await landfall.readyServer()
  await landfall.call('StartTest', { sourceServerIDs: [sourceServerID] })
  await landfall.runJobs()
  const { launchedInstance } = await landfall.server(sourceServerID)
  const instanceID = launchedInstance?.ec2InstanceID ?? assert.fail()
  provider.print(instanceID, '[\u001b[0;32m  OK  \u001b[0m] Reached target multi-user.\r\n')
  await using browser = await OperatorBrowser.open({
    endpoint: service.url,
    administrator: async () => ({ credentials: service.administrator }),
  })
  const page = await browser.signedIn('/instances')

  await t.test('the list says what it is for, and leads to its page', async () => {
    await page.getByText('Waiting for its agent').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'instances')
    await page.getByRole('link', { name: instanceID }).click()
    await page.getByRole('img', { name: `The screen of instance ${instanceID}` }).waitFor()
    await page.getByText('It boots: the picture follows').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'instance')
  })

  await t.test('its console output is text', async () => {
    await page.getByRole('tab', { name: 'Console output' }).click()
    await page.getByText('[  OK  ] Reached target multi-user.').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'instance-console-output')
    await page.getByRole('tab', { name: 'Screen' }).click()
  })

  await t.test('what it wrote, and how its disks become files, is told', async () => {
    await page.getByRole('tab', { name: 'Disks' }).click()
    await page.getByRole('row', { name: '/dev/sda 40' }).waitFor()
    const command = `landfall instances export ${instanceID} --disk /dev/sda`
    await page.getByText(command).waitFor()
    await show(page, 'instance-disks')
    await page.getByRole('button', { name: 'Instance state' }).click()
    await page.getByRole('menuitem', { name: 'Terminate instance' }).click()
    await page.getByRole('dialog').getByText('on /dev/sda').waitFor()
    await show(page, 'instance-terminate')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('tab', { name: 'Screen' }).click()
  })

  await t.test('its screen is shown, and hears the keyboard until it is left', async () => {
    await page.getByRole('button', { name: 'Open the screen' }).click()
    const stream = await eventually('the screen’s stream', DEADLINE_MS, async () =>
      provider.screens.get(instanceID),
    )
    const screen = new RfbServer(stream)
    await page.getByText('Connected', { exact: true }).waitFor()
    const canvas = page.getByRole('application').locator('canvas')
    assert.equal(await canvas.getAttribute('width'), String(SCREEN.width))
    await page.keyboard.press('a')
    await page.getByRole('button', { name: 'Ctrl + Alt + Del' }).click()
    const wanted = [KEY.a, KEY.control, KEY.alt, KEY.delete]
    await eventually('the keys', DEADLINE_MS, async () =>
      screen.pressed.length >= wanted.length ? true : undefined,
    )
    assert.deepEqual(screen.pressed, wanted)
    await requireAccessible(page)
    await takePicture(page, 'instance-screen')
    await canvas.focus()
    await page.keyboard.press('Control+Alt+Home')
    assert.equal(await page.locator('button:focus').innerText(), 'Close the screen')
  })

  await t.test('a stop says what it does, and ends the screen with the reason', async () => {
    await page.getByRole('button', { name: 'Instance state' }).click()
    await page.getByRole('menuitem', { name: 'Start instance' }).hover()
    await page.getByRole('tooltip').getByText('It runs already.').waitFor()
    await page.getByRole('menuitem', { name: 'Stop instance by force' }).click()
    await page.getByText('Its power is cut.').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'instance-stop')
    await page.getByRole('button', { name: 'Stop by force', exact: true }).click()
    await page.getByText('The instance was stopped.').waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await requireAccessible(page)
    await takePicture(page, 'instance-screen-ended')
    await page.getByRole('button', { name: 'Connect again' }).click()
    await page.getByText(`Instance ${instanceID} does not run.`).waitFor()
    await page.getByRole('button', { name: 'Close the screen' }).click()
    const opener = page.getByRole('button', { name: 'Open the screen' })
    await opener.hover()
    await page.getByRole('tooltip').getByText('It does not run.').waitFor()
  })
})
