import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { MemoryProvider } from '@landfall/launch'
import { MemoryBuckets } from '../buckets/memory-buckets.fixture.ts'
import type { Database } from '../database/database.ts'
import { withTestDatabase } from '../database/test-database.ts'
import { ensureAccount } from '../identity/account.ts'
import { ensureAdministrator, type Credentials } from '../identity/administrator.ts'
import { prepareCertificates, type CertificateFiles } from '../identity/certificate-files.ts'
import { createSecretBox } from '../identity/secret-box.ts'
import type { CallOperation } from '../instances/agent-channel.ts'
import { TOKEN_AUTHENTICATED } from '../instances/operations.ts'
import { injectedCall } from './injected-call.ts'
import type { Metric } from './metrics.ts'
import type { OperationGroup } from './operation.ts'
import { createServer } from './server.ts'

export const METRICS_TOKEN = 'a-token-for-metrics'
export const TEST_ACCOUNT = { accountID: '123456789012', region: 'lf-local-1' }

export interface TestService {
  readonly url: string
  readonly port: number
  readonly folder: string
  readonly caFile: string
  readonly db: Database
  readonly administrator: Credentials
  readonly certificates: CertificateFiles
  readonly buckets: MemoryBuckets
  /** Calls it as an instance's channel does. */
  readonly call: CallOperation
  /** Shows instances' screens. */
  readonly provider: MemoryProvider
  /** What the service logged. */
  readonly log: string[]
  /** Moves the service's clock; the caller's stays. */
  setClockOffsetMs(offsetMs: number): void
  /** Stops it as SIGTERM does: calls in progress get an answer. */
  stop(): Promise<void>
}

const SCREEN_RECHECK_MS = 50

/** A whole service on a free port for one test: real TLS, real PostgreSQL, operations as given. */
export async function startTestService(
  t: TestContext,
  operations: OperationGroup | ((db: Database) => OperationGroup),
  options: {
    initialized: boolean
    metrics?: readonly Metric[]
    provider?: MemoryProvider
  } = { initialized: true },
): Promise<TestService> {
  const { db } = await withTestDatabase(t)
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-http-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  let offsetMs = 0
  const now = () => new Date(Date.now() + offsetMs)
  const certificates = await prepareCertificates({
    folder: path.join(folder, 'ca'),
    addresses: [],
    stagingOwner: folder,
    now,
  })
  const secretBox = createSecretBox(new Uint8Array(32))
  await ensureAccount(db, TEST_ACCOUNT, now())
  if (options.initialized) await initialize(db)
  const credentialsFile = path.join(folder, 'credentials.json')
  await ensureAdministrator(db, secretBox, { file: credentialsFile, now: now() })
  const buckets = new MemoryBuckets()
  const log: string[] = []
  const { provider = new MemoryProvider() } = options
  const stopping = new AbortController()
  const server = createServer({
    db,
    secretBox,
    account: TEST_ACCOUNT,
    now,
    log: (message) => log.push(message),
    stopping: stopping.signal,
    operations: typeof operations === 'function' ? operations(db) : operations,
    tokenAuthenticated: TOKEN_AUTHENTICATED,
    tls: { ...certificates.service, caCertificatePem: certificates.authority.caCertificatePem },
    softwareFolder: await prepareSoftware(folder),
    buckets,
    consoleFolder: path.join(folder, 'console'),
    screens: { open: (id) => provider.openScreen(id), recheckMs: SCREEN_RECHECK_MS },
    metrics: { token: METRICS_TOKEN, collect: () => [options.metrics ?? []] },
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const stop = async () => {
    stopping.abort()
    await server.close()
  }
  t.after(stop)
  const { port } = server.server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    folder,
    caFile: path.join(folder, 'ca', 'ca.crt'),
    db,
    administrator: JSON.parse(await readFile(credentialsFile, 'utf8')) as Credentials,
    certificates,
    buckets,
    call: injectedCall(server),
    provider,
    log,
    stop,
    setClockOffsetMs: (value) => void (offsetMs = value),
  }
}

/** What InitializeService does to the account. */
export async function initialize(db: Database): Promise<void> {
  await db.updateTable('accounts').set({ initialized_at: new Date() }).execute()
}

/** What installers download, in a folder of its own. */
async function prepareSoftware(folder: string): Promise<string> {
  const software = path.join(folder, 'software')
  await mkdir(software)
  await writeFile(path.join(software, 'landfall-replication-installer-init'), '#!/bin/sh\n')
  return software
}
