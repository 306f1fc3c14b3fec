import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { clusterConnectionString, startCluster, type Cluster } from './cluster.ts'
import { migrate, openDatabase, type Database } from './database.ts'

export interface TestDatabase {
  readonly db: Database
  readonly connectionString: string
}

/** Without durability: a test's data outlives nothing. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  max_connections: '40',
}

/** The user `nobody` of Debian and most others. */
const OWNER = { uid: 65534, gid: 65534 }

let running: Promise<{ cluster: Cluster; folder: string }> | undefined

/**
 * A migrated, empty database of its own for one test, in a throw-away PostgreSQL that the test
 * process shares and that ends with it.
 */
export async function withTestDatabase(
  t: TestContext,
  /** No further than to this migration. */
  migrateTo?: string,
): Promise<TestDatabase> {
  running ??= startTestCluster()
  const { folder } = await running
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = openDatabase({ connectionString: clusterConnectionString(folder) })
  await sql.raw(`create database ${name}`).execute(admin)
  await admin.destroy()
  const connectionString = clusterConnectionString(folder, name)
  const db = openDatabase({ connectionString })
  t.after(() => db.destroy())
  await migrate(db, migrateTo)
  return { db, connectionString }
}

async function startTestCluster(): Promise<{ cluster: Cluster; folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-pg-'))
  await chown(folder, OWNER.uid, OWNER.gid)
  const cluster = await startCluster({
    ...OWNER,
    dataDir: path.join(folder, 'data'),
    socketDir: folder,
    logFile: path.join(folder, 'postgres.log'),
    settings: SETTINGS,
  })
  // A test file that is ended early runs no hooks; this still ends what it started.
  process.on('exit', () => {
    try {
      process.kill(cluster.pid, 'SIGQUIT')
    } catch {
      // It has ended already.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  return { cluster, folder }
}

after(async () => {
  if (running !== undefined) await (await running).cluster.stop()
})
