import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Installation } from './installation.ts'

/** Debian's package `chromium`. */
const CHROMIUM = '/usr/bin/chromium'

/** What a small notebook shows. */
const VIEWPORT = { width: 1280, height: 800 }

/** Where pictures of the pages are left, for docs and for whoever looks why a test failed. */
export const PICTURES = join(import.meta.dirname, '..', 'console-pictures')

/** For whatever a page waits for; emulated guests make a slow machine of any. */
const TIMEOUT_MS = 30_000

/** A service with a console, and the key of its administrator. */
type Site = Pick<Installation, 'endpoint'> & {
  administrator(): Promise<{ readonly credentials: AccessKey }>
}

interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A real browser, as an operator has it, with tabs that know nothing of each other. */
export class OperatorBrowser implements AsyncDisposable {
  readonly #browser: Browser
  readonly #installation: Site

  private constructor(browser: Browser, installation: Site) {
    this.#browser = browser
    this.#installation = installation
  }

  static async open(installation: Site): Promise<OperatorBrowser> {
    await mkdir(PICTURES, { recursive: true })
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      // Root has no sandbox; /dev/shm of containers is small.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
    return new OperatorBrowser(browser, installation)
  }

  /** A page of the console, as in a browser of its own: nobody is signed in. */
  async page(path = '/'): Promise<Page> {
    const page = await this.#newPage()
    await page.goto(this.#urlOf(path))
    return page
  }

  /** The page in a browser whose user is signed in as in `other`, and that has nothing cached. */
  async fresh(other: Page, path: string): Promise<Page> {
    const page = await this.#newPage({ storageState: await other.context().storageState() })
    await page.goto(this.#urlOf(path), { waitUntil: 'commit' })
    return page
  }

  #urlOf(path: string): string {
    return `${this.#installation.endpoint}/console${path}`
  }

  async #newPage(options: BrowserContextOptions = {}): Promise<Page> {
    // The service's own authority is in no browser's list.
    const usual = {
      ignoreHTTPSErrors: true,
      viewport: VIEWPORT,
      // What moves has no colours that could be judged, and is on no picture twice.
      reducedMotion: 'reduce',
    } as const
    const context = await this.#browser.newContext({ ...usual, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(TIMEOUT_MS)
    return page
  }

  /** The same, signed in with an access key; the administrator's unless another is given. */
  async signedIn(path = '/', key?: AccessKey): Promise<Page> {
    const page = await this.page(path)
    const { credentials } = await this.#installation.administrator()
    const { accessKeyId, secretAccessKey } = key ?? credentials
    await page.getByLabel('Access key ID').fill(accessKeyId)
    await page.getByLabel('Secret access key').fill(secretAccessKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation').first().waitFor()
    return page
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}

/** Leaves a picture of the page in `PICTURES`. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly help: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** Fails when whoever uses a keyboard or a screen reader would meet something serious. */
export async function requireAccessible(page: Page): Promise<void> {
  // Past the content security policy, which lets pages load no script of ours.
  const results = (await page.evaluate(
    `${await readFile(AXE, 'utf8')}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults
  const serious = results.violations.filter(({ impact }) => /serious|critical/.test(impact))
  assert.deepEqual(
    serious.map(({ id, help, nodes }) => [id, help, nodes.slice(0, 3).map(({ html }) => html)]),
    [],
  )
}

/** Looks at the page as a screen reader does, and keeps a picture of it. */
export async function show(page: Page, name: string): Promise<void> {
  await requireAccessible(page)
  await takePicture(page, name)
}
