import type { Page } from 'playwright-core'
import { pathsOf } from '../../packages/cli/src/installation/data-directory.ts'
import { publishConsole } from '../../packages/cli/src/up/publish-console.ts'
import { OperatorBrowser, takePicture } from '../../test/browser.ts'
import { type Figure, significant, withinLimit } from '../figure.ts'
import { registerServers, settleServers } from '../played-servers.ts'
import { startServiceAlone } from '../service-alone.ts'
import { median } from '../statistics.ts'

const SERVERS = 10_000

/** Each is done so often, by turns with the others. */
const TIMES = 10

/** Whoever opens a page waits so long without thinking of something else. */
const USABLE_MS_MAX = 2000
/** And takes so long for the answer to what was typed. */
const FILTERED_MS_MAX = 300

/** Of a page that is looked at. */
const GIVEN_UP_MS = 60_000

const LIST = '/source-servers'
/** Of a page, unless somebody chose otherwise. */
const ROWS = 50

/** The list of 10,000 servers in a real browser: until it can be used, and until it is filtered. */
export const consolePages: Figure = {
  name: 'console',
  programs: ['psql', 'chromium'],
  async measure({ log, signal }) {
    await using service = await startServiceAlone(signal)
    await publishConsole(pathsOf(service.dataDir), signal)
    await registerServers(service, { from: 0, to: SERVERS }, signal)
    await settleServers(service)
    log(`console: ${SERVERS} servers are there`)
    await using browser = await OperatorBrowser.open({
      endpoint: service.endpoint.origin,
      administrator: async () => ({ credentials: service.credentials }),
    })
    const first = await browser.signedIn(LIST)
    await msUntilListed(first, SERVERS)
    await takePicture(first, 'source-servers-10000')
    const times = { load: [] as number[], text: [] as number[], state: [] as number[] }
    for (let index = 0; index < TIMES; index++) {
      signal.throwIfAborted()
      const page = await browser.fresh(first, LIST)
      times.load.push(await msUntilListed(page, SERVERS))
      // Until whatever a fresh page still fetches is there: hands take longer to the keyboard.
      await page.waitForLoadState('networkidle')
      times.text.push(await filterByText(page, `server-${SERVERS - 1 - index}`))
      times.state.push(await filterByState(page))
      await page.context().close()
    }
    log(`console: ${JSON.stringify(times)}`)
    const row = (figure: string, values: readonly number[], limit: number) =>
      withinLimit({
        figure: `${figure}, longest of ${TIMES} (median ${significant(median(values))} ms)`,
        value: Math.max(...values),
        limit,
        unit: 'ms',
      })
    return [
      row('list of 10,000 servers usable, nothing cached', times.load, USABLE_MS_MAX),
      row('filtered by a name', times.text, FILTERED_MS_MAX),
      row('filtered by a state of the life cycle', times.state, FILTERED_MS_MAX),
    ]
  },
}

/** From the last key of a name to its server, alone. */
async function filterByText(page: Page, name: string): Promise<number> {
  const field = page.getByRole('searchbox', { name: 'Find source servers' })
  const filtered = msUntilListed(page, 1, 'input')
  await field.fill(name)
  const tookMs = await filtered
  await page.getByText(name, { exact: true }).waitFor()
  await field.fill('')
  await msUntilListed(page, SERVERS)
  return tookMs
}

/** From the choice of a state to the one server that is in it. */
async function filterByState(page: Page): Promise<number> {
  await page.getByRole('button', { name: 'Migration lifecycle Any' }).click()
  const option = page.getByRole('option', { name: 'Cutover complete' })
  await option.waitFor()
  const filtered = msUntilListed(page, 1, 'mouseup')
  await option.click()
  return await filtered
}

/**
 * Milliseconds until the page shows so many servers and the rows of the first of them, by its own
 * clock, as it is painted: since the next event of the name, or since the navigation.
 */
async function msUntilListed(page: Page, count: number, since?: 'input' | 'mouseup') {
  const rows = Math.min(count, ROWS)
  return await page.evaluate<number>(`new Promise((resolve, reject) => {
    let startedAt = ${since === undefined ? 0 : undefined}
    const start = () => { startedAt ??= performance.now() }
    document.addEventListener('${since}', start, { capture: true, once: true })
    const look = () => {
      const heading = document.querySelector('h1')?.textContent ?? ''
      const rows = document.querySelectorAll('tbody tr input[type=checkbox]').length
      const isThere = heading.includes('(${count})') && rows === ${rows}
      if (isThere && startedAt !== undefined) resolve(performance.now() - startedAt)
      else if (performance.now() > ${GIVEN_UP_MS}) reject(new Error('It shows ' + heading))
      else requestAnimationFrame(look)
    }
    look()
  })`)
}
