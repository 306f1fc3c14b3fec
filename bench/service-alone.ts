import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settleConfiguration } from '../packages/cli/src/installation/configuration.ts'
import { pathsOf } from '../packages/cli/src/installation/data-directory.ts'
import { writeJsonFile } from '../packages/cli/src/installation/json-file.ts'
import { prepareDataDirectory } from '../packages/cli/src/installation/prepare-data-directory.ts'
import { ensureSystemUser } from '../packages/cli/src/installation/system-user.ts'
import { connect } from '../packages/cli/src/service-client/connect.ts'
import {
  databaseSocketDir,
  startDatabase,
} from '../packages/cli/src/supervisor/keep-database-running.ts'
import { serviceProcess } from '../packages/cli/src/supervisor/programs.ts'
import { waitUntilReady } from '../packages/cli/src/supervisor/readiness.ts'
import { freePort, run } from '../test/installation.ts'

/** The service and its database as they run. Disposing ends both and removes their files. */
export interface ServiceAlone extends AsyncDisposable {
  readonly dataDir: string
  readonly endpoint: URL
  readonly region: string
  readonly caPem: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly processID: number
  /** Of PostgreSQL's postmaster; its workers are its children. */
  readonly databaseProcessID: number
  /** Runs SQL in the service's database, as one transaction. */
  sql(statements: string): Promise<void>
}

/** More servers than are made here; MGN's quotas are the default. */
const QUOTAS = { replicatingServers: 50_000, serversNotArchived: 50_000 }

/**
 * Starts service and database as `landfall up` does, in a data directory of their own, without a
 * staging area: it would start a storage daemon for each of 10,000 servers.
 */
export async function startServiceAlone(signal: AbortSignal): Promise<ServiceAlone> {
  await using starting = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'landfall-bench-'))
  starting.defer(() => rm(dataDir, { recursive: true }))
  // PostgreSQL runs as a user of its own and must pass through it.
  await chmod(dataDir, 0o711)
  const paths = pathsOf(dataDir)
  const user = await ensureSystemUser(() => {})
  await prepareDataDirectory(paths, user)
  const configuration = await settleConfiguration(paths, {
    port: await freePort(),
    replicationPort: await freePort(),
    addresses: ['127.0.0.1'],
  })
  await writeJsonFile(paths.config, { ...configuration, quotas: QUOTAS }, 0o644)
  const database = starting.use(await startDatabase({ paths, user, log: () => {} }, signal))
  // No instance is launched here: what it would run on need not be found out.
  const environment = { ...process.env, LANDFALL_ACCELERATOR: 'tcg' }
  const description = serviceProcess({ paths, configuration, environment })
  const log = await open(description.logFile, 'a')
  const child = spawn(description.command, description.args, {
    env: description.environment,
    stdio: ['ignore', log.fd, log.fd],
  })
  await log.close()
  starting.defer(() => ended(child))
  await waitUntilReady({ paths, configuration, signal })
  await (await connect(dataDir)).mgn('InitializeService', {}, signal)
  const credentials = await readFile(paths.credentials, 'utf8')
  const caPem = await readFile(paths.certificateAuthority, 'utf8')
  const resources = starting.move()
  return {
    dataDir,
    endpoint: new URL(`https://127.0.0.1:${configuration.port}`),
    region: configuration.region,
    caPem,
    credentials: JSON.parse(credentials) as ServiceAlone['credentials'],
    processID: child.pid ?? 0,
    databaseProcessID: database.pid,
    sql: (statements) => runSql(databaseSocketDir(paths), statements),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function runSql(socketDir: string, statements: string): Promise<void> {
  await run('psql', [
    ...['--host', socketDir, '--username', 'landfall', '--dbname', 'landfall'],
    ...['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', statements],
  ])
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
