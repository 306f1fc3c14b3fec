import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InstalledAgent } from './agent.ts'
import { OperatorBrowser, requireAccessible, takePicture } from './browser.ts'
import { Installation } from './installation.ts'
import { LoopDisk } from './loop-disk.ts'

/**
 * The console’s rooms of launches, in a real browser, on a server whose only disk holds no
 * operating system: its launch must fail, and the console must say at which step, why, and what to
 * do.
 */

const DISK_BYTES = 64 * 1024 * 1024

/** Two conversions are tried, each of which starts a virtual machine. */
const JOB_DEADLINE_MS = 900_000

const PHONE = { width: 390, height: 800 }

test('an operator sees a launch fail, step by step, and what comes of it', async (t) => {
  await using installation = await Installation.start()
  await using browser = await OperatorBrowser.open(installation)

  await t.test('empty rooms say the next step', async () => {
    const jobs = await browser.signedIn('/launch-history')
    await jobs.getByText('No jobs yet. Choose source servers').waitFor()
    await requireAccessible(jobs)
    await takePicture(jobs, 'launch-history-empty')
    const instances = await browser.signedIn('/instances')
    await instances.getByText('No instances yet. Launch test instances').waitFor()
    await requireAccessible(instances)
    await takePicture(instances, 'instances-empty')
    await instances.getByRole('button', { name: 'Terminated' }).click()
    await instances.getByText('No instance was terminated yet.').waitFor()
    assert.match(instances.url(), /view=TERMINATED/)
  })

  await t.test('what is not there is said', async () => {
    const job = await browser.signedIn('/launch-history/mgnjob-00000000000000000')
    await job.getByText('There is no such job').waitFor()
    await requireAccessible(job)
    const instance = await browser.signedIn('/instances/i-00000000000000000')
    await instance.getByText('There is no instance i-00000000000000000').waitFor()
    await requireAccessible(instance)
  })

  await using disk = await LoopDisk.create(DISK_BYTES)
  await disk.mountExt4()
  await using agent = await InstalledAgent.install(installation, [disk.device])
  const id = agent.sourceServerID
  await installation.untilContinuous(id)
  const page = await browser.signedIn()

  await t.test('the launch is a job, whose log is seen as it happens', async () => {
    await page.getByRole('checkbox', { name: `Choose ${id}` }).click()
    await page.getByRole('button', { name: 'Test and cutover' }).click()
    await page.getByRole('menuitem', { name: 'Launch test instances' }).click()
    await page.getByRole('button', { name: 'Launch', exact: true }).click()
    await page.getByText('Launch test instances: ').waitFor()
    await page.getByRole('link', { name: 'Launch history' }).click()
    await page.getByRole('link', { name: /^mgnjob-/ }).click()
    await page.getByRole('heading', { name: /^Job mgnjob-/ }).waitFor()
    const log = page.getByRole('table', { name: /Job log/ })
    await log.getByText('Point taken').waitFor({ timeout: JOB_DEADLINE_MS })
    await log.getByText('Conversion started').first().waitFor({ timeout: JOB_DEADLINE_MS })
    await requireAccessible(page)
    await takePicture(page, 'job-converting')
  })

  await t.test('it fails with its cause and remedy, at the step where it failed', async () => {
    const failure = page.getByText('C-2 Convert to bootable: failed')
    await failure.waitFor({ timeout: JOB_DEADLINE_MS })
    await page.getByText('The points of the server are as they were.').waitFor()
    await page.getByText('Completed, failed').waitFor()
    const log = page.getByRole('table', { name: /Job log/ })
    await log.getByText('Job ended').waitFor()
    assert.equal(await log.getByText('Conversion failed').count(), 2)
    const steps = page.getByRole('list', { name: /^Steps of / })
    await steps.getByText('Not reached').waitFor()
    await requireAccessible(page)
    await takePicture(page, 'job-failed')
    await page.emulateMedia({ colorScheme: 'dark' })
    await requireAccessible(page)
    await takePicture(page, 'job-failed-dark')
    await page.setViewportSize(PHONE)
    await takePicture(page, 'job-failed-phone')
  })

  await t.test('the history has it, and a job is found by its ID', async () => {
    const jobID = /mgnjob-\w+/.exec(page.url())?.[0] ?? assert.fail(page.url())
    const history = await browser.signedIn(`/launch-history?period=day&job=${jobID}`)
    await history.getByText('Completed, failed').waitFor()
    await history.getByText('1: 1 failed').waitFor()
    await requireAccessible(history)
    await takePicture(history, 'launch-history')
    await history.getByLabel('Find by job ID').fill('mgnjob-00000000000000000')
    await history.getByText('No job matches.').waitFor()
  })

  await t.test(
    'the instance that was begun is kept as terminated, and why nothing goes',
    async () => {
      const instances = await browser.signedIn('/instances?view=TERMINATED')
      await instances.getByRole('link', { name: /^i-/ }).click()
      await instances.getByText('It was terminated.').first().waitFor({ state: 'attached' })
      await instances.getByText('no picture of its screen was kept').waitFor()
      await instances.getByRole('button', { name: 'Instance state' }).click()
      await instances.getByRole('menuitem', { name: 'Start instance' }).hover()
      await instances.getByRole('tooltip').getByText('It was terminated.').waitFor()
      await instances.keyboard.press('Escape')
      await requireAccessible(instances)
      await takePicture(instances, 'instance-terminated')
      for (const tab of ['Console output', 'Images']) {
        await instances.getByRole('tab', { name: tab }).click()
        await instances.getByRole('heading', { name: tab }).waitFor()
        await requireAccessible(instances)
      }
    },
  )

  await t.test(
    'a cutover is forecast before it is launched, with what that is based on',
    async () => {
      const servers = await browser.signedIn()
      const act = async (text: string) => {
        const chosen = servers.getByRole('checkbox', { name: `Choose ${id}` })
        if (!(await chosen.isChecked())) await chosen.click()
        await servers.getByRole('button', { name: 'Test and cutover' }).click()
        await servers.getByRole('menuitem', { name: text }).click()
      }
      await act('Mark as “Ready for cutover”')
      await servers.getByRole('button', { name: 'Mark', exact: true }).click()
      await servers.getByText('Launch cutover instance').first().waitFor()
      await act('Launch cutover instances')
      await servers.getByText(/from now to booted, at /).waitFor()
      await servers.getByText('Not measured yet, but assumed:').waitFor()
      await servers.getByRole('button', { name: 'What this is based on' }).click()
      // The point of the launch that failed was taken: it is measured.
      await servers.getByRole('row', { name: /Take a point .* Measured, this server/ }).waitFor()
      await requireAccessible(servers)
      await takePicture(servers, 'cutover-forecast')
    },
  )
})
