import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { FastifyInstance } from 'fastify'
import { Kysely, PGliteDialect } from 'kysely'
import { MemoryProvider } from '@landfall/launch'
import { repeat } from '../packages/service/src/background.ts'
import { FolderBuckets } from '../packages/service/src/buckets/folder-buckets.ts'
import { Notifier } from '../packages/service/src/channel/notifier.ts'
import { type Database, migrate } from '../packages/service/src/database/database.ts'
import type { Schema } from '../packages/service/src/database/schema.ts'
import type { Dependencies } from '../packages/service/src/dependencies.ts'
import { writeDurably } from '../packages/service/src/durable-file.ts'
import type { OperationGroup } from '../packages/service/src/http/operation.ts'
import { createServer } from '../packages/service/src/http/server.ts'
import { ensureAccount } from '../packages/service/src/identity/account.ts'
import {
  type Credentials,
  ensureAdministrator,
} from '../packages/service/src/identity/administrator.ts'
import { prepareCertificates } from '../packages/service/src/identity/certificate-files.ts'
import { createSecretBox } from '../packages/service/src/identity/secret-box.ts'
import { allNetworks } from '../packages/service/src/networks/networks.ts'
import { createOperations, TOKEN_AUTHENTICATED } from '../packages/service/src/operations.ts'
import { startSchedules } from '../packages/service/src/schedules.ts'
import { screensOf } from '../packages/service/src/screens/screen-routes.ts'
import { collectMetrics } from '../packages/service/src/source-servers/metrics.ts'
import { TIMING } from '../packages/service/src/timing.ts'
import { InProcessJobs } from './in-process-jobs.ts'

export const ACCOUNT = { accountID: '123456789012', region: 'lf-local-1' }

const HOST = { cpus: 16, ramBytes: 64 * 1024 ** 3 }

const NETWORKS = [
  { name: 'production', subnetID: 'subnet-0a0a0a0a0a0a0a0a0', kind: 'bridge', bridge: 'br0' },
] as const

/** Nobody here gives room by asking for it. */
const QUOTAS = { replicatingServers: 50_000, serversNotArchived: 50_000, servers: 50_000 }

/** Of thousands of servers nobody plays the agents. */
const AGENT_NOT_SEEN_MS = 24 * 3_600_000

const LOOK_FOR_JOBS_MS = 2000

const ROOT = join(import.meta.dirname, '..')
const CACHE = join(ROOT, '.cache', 'dev')
const PGLITE_MANIFEST = join(ROOT, 'node_modules/@electric-sql/pglite/package.json')

/** The service as it is, but for PostgreSQL, pg-boss and libvirt. */
export interface DevelopmentService extends AsyncDisposable {
  readonly world: Dependencies
  readonly provider: MemoryProvider
  readonly operations: Required<OperationGroup>
  readonly server: FastifyInstance
  /** The administrator's access key. */
  readonly administrator: Credentials
  /** Looks for jobs, and does what is due, from now on. */
  startSchedules(): void
  /** On this machine only; returns its address. */
  listen(): Promise<string>
}

interface DevelopmentOptions {
  readonly now: () => Date
  readonly log: (message: string) => void
  /** Of the built console, which it serves like the real one; absent: it serves no pages. */
  readonly consoleFolder?: string
}

/**
 * Makes a service whose database is in this process' memory, and gone with it. It does nothing by
 * itself but run jobs that it is woken for, until `startSchedules`.
 */
export async function createDevelopmentService(
  options: DevelopmentOptions,
): Promise<DevelopmentService> {
  const { now, log } = options
  await using starting = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'landfall-dev-'))
  starting.defer(() => rm(folder, { recursive: true, force: true }))
  const db = starting.use(await openDatabase())
  await ensureAccount(db, ACCOUNT, now())
  const secretBox = createSecretBox(randomBytes(32))
  const credentialsFile = join(folder, 'credentials.json')
  await ensureAdministrator(db, secretBox, { file: credentialsFile, now: now() })
  const { authority, service } = await prepareCertificates({
    folder: join(folder, 'ca'),
    addresses: [],
    stagingOwner: folder,
    now: () => new Date(),
  })
  const provider = new MemoryProvider()
  const parts = { db, secretBox, certificateAuthority: authority, provider, now, log }
  const world = { ...parts, ...(await restOfWorld(folder)) }
  const jobs = starting.use(new InProcessJobs(world))
  const operations = createOperations({ ...world, jobs })
  const stopping = new AbortController()
  const { signal } = stopping
  const server = createServer({
    ...{ db, secretBox, account: ACCOUNT, log, now, stopping: signal, operations },
    tokenAuthenticated: TOKEN_AUTHENTICATED,
    tls: { ...service, caCertificatePem: authority.caCertificatePem },
    softwareFolder: join(folder, 'software'),
    consoleFolder: options.consoleFolder ?? join(folder, 'console'),
    screens: screensOf(world),
    buckets: world.buckets,
    metrics: { token: randomBytes(16).toString('hex'), collect: () => collectMetrics(world) },
  })
  starting.defer(() => server.close())
  starting.defer(() => stopping.abort(new Error('The service stops')))
  const running = starting.move()
  return {
    ...{ world, provider, operations, server },
    administrator: JSON.parse(await readFile(credentialsFile, 'utf8')) as Credentials,
    startSchedules() {
      running.use(repeat(() => jobs.look(), LOOK_FOR_JOBS_MS))
      const eventsFile = join(folder, 'events.log')
      running.use(startSchedules({ ...world, jobs }, { eventsFile, signal }))
    },
    async listen() {
      await server.listen({ host: '127.0.0.1', port: 0 })
      return `https://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function openDatabase(): Promise<Database> {
  const pglite = await emptyPGlite()
  const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) })
  await migrate(db)
  return db
}

/** What a new PostgreSQL takes two seconds to make is kept as a file. */
async function emptyPGlite(): Promise<PGlite> {
  const { version } = JSON.parse(await readFile(PGLITE_MANIFEST, 'utf8')) as { version: string }
  const file = join(CACHE, `pglite-${version}.tar`)
  const kept = await readFile(file).catch(() => undefined)
  if (kept !== undefined) return await PGlite.create({ loadDataDir: new Blob([kept]) })
  const made = await PGlite.create()
  const data = await made.dumpDataDir('none')
  await mkdir(CACHE, { recursive: true })
  await writeDurably(file, new Uint8Array(await data.arrayBuffer()), { mode: 0o644 })
  return made
}

async function restOfWorld(folder: string) {
  const [instancesDir, bucketsDir] = [join(folder, 'instances'), join(folder, 'buckets')]
  for (const one of [instancesDir, bucketsDir]) await mkdir(one)
  return {
    account: ACCOUNT,
    buckets: new FolderBuckets(bucketsDir),
    notifier: new Notifier(),
    agent: { agentVersion: '0.1.0', replicationAddresses: ['127.0.0.1'], replicationPort: 1500 },
    instances: {
      endpoint: 'https://10.0.2.2:8443',
      outerEndpoint: 'https://192.0.2.1:8443',
      tokenKey: randomBytes(32),
      filesOf: (instanceID: string) => ({
        serialLogPath: join(instancesDir, `${instanceID}.log`),
        screenshotPath: join(instancesDir, `${instanceID}.png`),
      }),
      accelerator: 'kvm' as const,
      host: HOST,
    },
    networks: allNetworks(NETWORKS),
    quotas: QUOTAS,
    preflight: { pointsEveryMinutes: 60 },
    timing: { ...TIMING, agentNotSeenMs: AGENT_NOT_SEEN_MS },
  }
}
