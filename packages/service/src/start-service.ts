import { hkdfSync } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import path from 'node:path'
import { LibvirtProvider, type Accelerator } from '@landfall/launch'
import { LandfallError } from '@landfall/model'
import type { FastifyInstance } from 'fastify'
import manifest from '../package.json' with { type: 'json' }
import { repeat } from './background.ts'
import { createBuckets } from './buckets/bucket-store.ts'
import { Notifier } from './channel/notifier.ts'
import { readConfiguration, type Configuration } from './configuration.ts'
import { migrate, openDatabase, type Database } from './database/database.ts'
import { becomeSoleService } from './database/sole-service.ts'
import type { Dependencies } from './dependencies.ts'
import { loadMetricsToken } from './http/metrics.ts'
import { injectedCall } from './http/injected-call.ts'
import { createServer } from './http/server.ts'
import { ensureAccount } from './identity/account.ts'
import { ensureAdministrator } from './identity/administrator.ts'
import { prepareCertificates, type CertificateFiles } from './identity/certificate-files.ts'
import { createSecretBox, loadMasterKey, type SecretBox } from './identity/secret-box.ts'
import { AgentChannels } from './instances/agent-channels.ts'
import { startJobs } from './jobs/start-jobs.ts'
import { keptAccelerator } from './kept-accelerator.ts'
import { createOperations, TOKEN_AUTHENTICATED } from './operations.ts'
import { allNetworks } from './networks/networks.ts'
import { startSchedules } from './schedules.ts'
import { screensOf } from './screens/screen-routes.ts'
import { collectMetrics } from './source-servers/metrics.ts'
import { TIMING } from './timing.ts'

export interface ServiceOptions {
  readonly dataDir: string
  readonly connectionString: string
  /** The operator's choice of accelerator, if any. */
  readonly accelerator: string | undefined
  readonly log: (message: string) => void
  readonly now: () => Date
  /** Aborts a start that takes long. */
  readonly signal: AbortSignal
}

/** How an instance on QEMU's user networking names the machine it runs on. */
const HOST_OF_INSTANCES = '10.0.2.2'

/** Calls in progress may take this long to end when the service stops; then they are cut. */
const CLOSE_DEADLINE_MS = 10_000

const KEY_BYTES = 32

/**
 * Starts the whole service: brings database, certificates and administrator up to date, goes on
 * with unfinished jobs, and listens. Dispose to stop it in order.
 */
export async function startService(options: ServiceOptions): Promise<AsyncDisposable> {
  const { dataDir, log, now } = options
  await using starting = new AsyncDisposableStack()
  const configuration = await readConfiguration(path.join(dataDir, 'config.json'))
  const account = { accountID: configuration.accountID, region: configuration.region }
  const db = starting.use(openDatabase(options))
  starting.use(await becomeSoleService(options.connectionString).catch(explainDatabase))
  await migrate(db)
  await ensureAccount(db, account, now())
  const masterKey = await loadMasterKey(path.join(dataDir, 'master.key'))
  const secretBox = createSecretBox(masterKey)
  const credentialsFile = path.join(dataDir, 'credentials.json')
  await ensureAdministrator(db, secretBox, { file: credentialsFile, now: now() })
  const certificates = await prepareCertificates({
    folder: path.join(dataDir, 'ca'),
    addresses: configuration.addresses,
    stagingOwner: path.join(dataDir, 'staging'),
    now,
  })
  const accelerator = await findAccelerator(options)
  const parts = { options, configuration, certificates, db, masterKey, secretBox, accelerator }
  const world = await worldOf(parts)
  const jobs = starting.use(await startJobs(world, options))
  const eventsFile = path.join(dataDir, 'logs', 'events.log')
  await mkdir(path.dirname(eventsFile), { recursive: true })
  const stopping = new AbortController()
  const { signal } = stopping
  starting.use(startSchedules({ ...world, jobs }, { eventsFile, signal }))
  const server = createServer({
    db,
    secretBox,
    account,
    log,
    now,
    stopping: signal,
    operations: createOperations({ ...world, jobs }),
    tokenAuthenticated: TOKEN_AUTHENTICATED,
    tls: { ...certificates.service, caCertificatePem: certificates.authority.caCertificatePem },
    softwareFolder: path.join(dataDir, 'software'),
    buckets: world.buckets,
    consoleFolder: path.join(dataDir, 'console'),
    screens: screensOf(world),
    metrics: {
      token: await loadMetricsToken(path.join(dataDir, 'metrics-token')),
      collect: () => collectMetrics(world),
    },
  })
  starting.defer(() => close(server))
  const channels = starting.use(new AgentChannels(world, injectedCall(server)))
  starting.use(repeat(() => channels.look(), world.timing.agentChannelsMs))
  starting.defer(() => stopping.abort(new Error('The service is stopping')))
  await listen(server, configuration.port)
  return starting.move()
}

/** Says what to do when the error means that nobody listens where the database should be. */
function explainDatabase(error: unknown): never {
  const { code } = error as { code?: unknown }
  if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error
  const message = 'PostgreSQL does not answer. `landfall up` starts it before the service.'
  throw new LandfallError('unavailable', message, { cause: error })
}

async function findAccelerator({ dataDir, accelerator, signal, log }: ServiceOptions) {
  const folder = path.join(dataDir, 'run')
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, 'accelerator.json')
  return await keptAccelerator(file, { override: accelerator, signal, log })
}

/** What operations and jobs need of the world. */
async function worldOf(parts: {
  options: ServiceOptions
  configuration: Configuration
  certificates: CertificateFiles
  db: Database
  masterKey: Uint8Array
  secretBox: SecretBox
  accelerator: Accelerator
}): Promise<Dependencies> {
  const { options, configuration, certificates, db, masterKey, secretBox, accelerator } = parts
  const instancesDir = path.join(options.dataDir, 'instances')
  await mkdir(instancesDir, { recursive: true })
  const imagesDir = path.join(options.dataDir, 'images')
  const bucketsDir = path.join(options.dataDir, 'buckets')
  await mkdir(bucketsDir, { recursive: true, mode: 0o700 })
  // Instances run as who owns their folder.
  const { uid, gid } = await stat(instancesDir)
  return {
    db,
    secretBox,
    account: { accountID: configuration.accountID, region: configuration.region },
    certificateAuthority: certificates.authority,
    provider: new LibvirtProvider({ instancesDir, imagesDir, owner: { uid, gid } }),
    buckets: createBuckets({ db, secretBox }, bucketsDir),
    notifier: new Notifier(),
    agent: {
      agentVersion: manifest.version,
      replicationAddresses: configuration.addresses,
      replicationPort: configuration.replicationPort,
    },
    instances: {
      endpoint: `https://${HOST_OF_INSTANCES}:${configuration.port}`,
      outerEndpoint: outerEndpoint(configuration),
      tokenKey: new Uint8Array(
        hkdfSync('sha256', masterKey, '', 'landfall instance tokens', KEY_BYTES),
      ),
      filesOf: (instanceID) => ({
        serialLogPath: path.join(instancesDir, instanceID, 'serial.log'),
        screenshotPath: path.join(instancesDir, instanceID, 'screenshot.png'),
      }),
      accelerator,
      host: { cpus: availableParallelism(), ramBytes: totalmem() },
    },
    networks: allNetworks(configuration.networks),
    quotas: configuration.quotas,
    preflight: configuration.preflight,
    timing: TIMING,
    now: options.now,
    log: options.log,
  }
}

function outerEndpoint({ addresses: [address = ''], port }: Configuration): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** On every address of the machine, of both families where it has both. */
async function listen(server: FastifyInstance, port: number): Promise<void> {
  try {
    await server.listen({ host: '::', port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      const message = `Port ${port} is in use by another program. Stop it, or choose another port.`
      throw new LandfallError('conflict', message, { cause: error })
    }
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
    await server.listen({ host: '0.0.0.0', port })
  }
}

async function close(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), CLOSE_DEADLINE_MS)
  try {
    await server.close()
  } finally {
    clearTimeout(cut)
  }
}
