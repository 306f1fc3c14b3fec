import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { Clock } from '../dev/clock.ts'
import { createDevelopmentService } from '../dev/development-service.ts'
import { Operator } from '../dev/operator.ts'
import { PASSWORD } from '../dev/people.ts'
import { PlayedSite } from '../dev/played-site.ts'
import { Story } from '../dev/story.ts'
import { buildConsole } from '../packages/console/build/index.ts'
import { OperatorBrowser, show, takePicture } from './browser.ts'

/**
 * Every page of the console when there is nothing yet, when there is much, when the service does
 * not answer, and for whoever may only read or not even that. The data is that of `npm run dev`:
 * servers in every state, by the service's own code.
 */

interface ConsolePage {
  readonly name: string
  readonly path: string
  /** What it says where there is nothing: the next step. */
  readonly empty: RegExp
  /** Something that is there in the story. */
  readonly full: RegExp
  /** A user who may only read sees it. */
  readonly forReaders: boolean
}

/** One for each room, in the order of the navigation, and what is beside it. */
const PAGES: readonly ConsolePage[] = [
  {
    name: 'source-servers',
    path: '/source-servers',
    empty: /No source servers yet\. Install the agent/,
    full: /Ready for testing/,
    forReaders: true,
  },
  {
    name: 'launch-history',
    path: '/launch-history',
    empty: /No jobs yet\. Choose source servers/,
    full: /Completed/,
    forReaders: true,
  },
  {
    name: 'instances',
    path: '/instances',
    empty: /No instances yet\. Launch test instances/,
    full: /Running/,
    forReaders: true,
  },
  {
    name: 'applications',
    path: '/applications',
    empty: /No applications yet/,
    full: /Healthy/,
    forReaders: true,
  },
  { name: 'waves', path: '/waves', empty: /No waves yet/, full: /Healthy/, forReaders: true },
  {
    name: 'import-export',
    path: '/import-export',
    empty: /Nothing was imported yet/,
    full: /wrong\.csv/,
    forReaders: true,
  },
  { name: 'users', path: '/users', empty: /user.administrator/, full: /vera/, forReaders: false },
  {
    name: 'audit',
    path: '/audit',
    empty: /console:SignIn/,
    full: /mgn:/,
    forReaders: false,
  },
  {
    name: 'settings',
    path: '/settings',
    empty: /template/,
    full: /Bandwidth/,
    forReaders: true,
  },
]

const ADD_SERVER: ConsolePage = {
  name: 'add-server',
  path: '/add-server',
  empty: /Waiting: a server appears here/,
  full: /Waiting: a server appears here/,
  forReaders: true,
}

const ALL = [...PAGES, ADD_SERVER]

/** Rooms whose first row leads to a page of its own. */
const WITH_DETAILS = [
  'source-servers',
  'launch-history',
  'instances',
  'applications',
  'waves',
  'users',
]

const PHONE = { width: 390, height: 844 }

async function startService(stack: AsyncDisposableStack, clock: Clock) {
  const complaints: string[] = []
  const service = stack.use(
    await createDevelopmentService({
      now: clock.now,
      log: (told) => complaints.push(told),
      consoleFolder: await buildConsole(),
    }),
  )
  return { service, complaints }
}

/** As `landfall up` does. */
async function initialize({ server, administrator }: Service): Promise<void> {
  await new Operator(server, administrator, '127.0.0.1').call('mgn:InitializeService')
}

async function openBrowser(stack: AsyncDisposableStack, service: Service) {
  const { administrator } = service
  return stack.use(
    await OperatorBrowser.open({
      endpoint: await service.listen(),
      administrator: () => Promise.resolve({ credentials: administrator }),
    }),
  )
}

type Service = Awaited<ReturnType<typeof createDevelopmentService>>

test('every page says what to do where there is nothing yet', async () => {
  await using stack = new AsyncDisposableStack()
  const { service } = await startService(stack, new Clock())
  await initialize(service)
  const browser = await openBrowser(stack, service)
  const page = await browser.signedIn()
  const rooms = page.getByRole('navigation').getByRole('link')
  await rooms.first().waitFor()
  // The first is the product's name.
  assert.equal((await rooms.count()) - 1, PAGES.length, 'A room is in the table above')
  for (const { name, path, empty } of ALL) {
    await go(page, path)
    await seen(page, empty).waitFor()
    await show(page, `empty-${name}`)
  }
})

test('every page shows what there is, also in the dark, on a phone and to readers', async (t) => {
  await using stack = new AsyncDisposableStack()
  const clock = new Clock()
  const { service, complaints } = await startService(stack, clock)
  const site = stack.use(new PlayedSite(service, clock))
  await Story.tell(service, site, clock)
  service.startSchedules()
  const browser = await openBrowser(stack, service)
  const page = await browser.signedIn()

  await t.test('full', async () => {
    for (const { name, path, full } of ALL) {
      await go(page, path)
      await seen(page, full).waitFor()
      await requireNoError(page, name)
      await show(page, `full-${name}`)
    }
  })

  await t.test('the page of one of them', async () => {
    for (const name of WITH_DETAILS) {
      await go(page, `/${name}`)
      await page.locator('tbody').getByRole('link').first().click()
      await page.getByRole('heading', { level: 1 }).waitFor()
      await requireNoError(page, name)
      await show(page, `full-one-of-${name}`)
    }
  })

  await t.test('every tab of a server', async () => {
    await go(page, '/source-servers')
    await page.locator('tbody').getByRole('link').first().click()
    const tabs = page.getByRole('tab')
    await tabs.first().waitFor()
    for (const name of await tabs.allTextContents()) {
      await page.getByRole('tab', { name, exact: true }).click()
      await requireNoError(page, name)
      await show(page, `full-server-${name.toLowerCase().replaceAll(' ', '-')}`)
    }
  })

  await t.test('in the dark, and on a phone', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    for (const { name, path, full } of ALL) {
      await go(page, path)
      await seen(page, full).waitFor()
      await show(page, `dark-${name}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(PHONE)
    for (const { name, path, full } of ALL) {
      await go(page, path)
      await seen(page, full).waitFor({ state: 'attached' })
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      assert.equal(width, PHONE.width, `${name} is wider than a phone`)
      await takePicture(page, `phone-${name}`)
    }
  })

  await t.test('whoever may only read is told what they may not', async () => {
    const reader = await signInAs(browser, 'vera')
    for (const { name, path, full, forReaders } of PAGES) {
      await go(reader, path)
      await reader
        .getByText(forReaders ? full : 'You may not see this')
        .first()
        .waitFor()
      await show(reader, `reader-${name}`)
    }
  })

  assert.deepEqual(complaints, [])
})

test('every page says that the service does not answer, and goes on when it does', async () => {
  await using stack = new AsyncDisposableStack()
  const { service } = await startService(stack, new Clock())
  await initialize(service)
  const browser = await openBrowser(stack, service)
  const page = await browser.signedIn()
  await page.route('**/console/api/**', (route) => route.abort())
  for (const { name, path } of ALL) {
    await go(page, path)
    await page.getByText('The service does not answer.').first().waitFor()
    await show(page, `failing-${name}`)
  }
  await page.unroute('**/console/api/**')
  await seen(page, ADD_SERVER.empty).waitFor()
  await page.getByText('The service does not answer.').first().waitFor({ state: 'detached' })
})

async function go(page: Page, path: string): Promise<void> {
  const { origin } = new URL(page.url())
  await page.goto(`${origin}/console${path}`)
}

/** The first place of the page itself, not of what is around every page, that says it. */
function seen(page: Page, words: RegExp) {
  return page.locator('main').getByText(words).first()
}

/** Nothing of the page could not be loaded. */
async function requireNoError(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle').catch(() => undefined)
  assert.equal(await page.getByText('The service answered with').count(), 0, name)
  assert.equal(await page.getByText('This page could not be shown').count(), 0, name)
}

async function signInAs(browser: OperatorBrowser, userName: string): Promise<Page> {
  const page = await browser.page()
  await page.getByRole('button', { name: 'User and password' }).click()
  await page.getByLabel('User name').fill(userName)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation').first().waitFor()
  return page
}
