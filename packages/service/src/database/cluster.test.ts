import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { startCluster, type ClusterOptions } from './cluster.ts'
import { openDatabase } from './database.ts'

async function clusterOptions(t: TestContext): Promise<ClusterOptions> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lf-cl-'))
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true, force: true }))
  return {
    dataDir: path.join(folder, 'postgres'),
    socketDir: path.join(folder, 'run'),
    logFile: path.join(folder, 'postgres.log'),
    uid: 65534,
    gid: 65534,
    settings: { shared_buffers: '16MB' },
  }
}

test('a private cluster is durable, local, adopted when it runs, and back after a kill', async (t) => {
  const options = await clusterOptions(t)
  // What an initdb that was killed leaves behind.
  await mkdir(`${options.dataDir}.tmp`)
  await writeFile(path.join(`${options.dataDir}.tmp`, 'PG_VERSION'), '15\n')

  const first = await startCluster(options)
  t.after(() => first.stop())
  assert.equal(first.adopted, false)
  {
    await using db = openDatabase(first)
    const settings = await sql<{ name: string; setting: string }>`
      select name, setting from pg_settings where name in ('fsync', 'listen_addresses') order by 1
    `.execute(db)
    assert.deepEqual(settings.rows, [
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
    ])
    await sql`create table kept (id bigint)`.execute(db)
    await sql`insert into kept values (9007199254740991)`.execute(db)
  }

  const adopted = await startCluster(options)
  assert.equal(adopted.adopted, true)
  assert.equal(adopted.pid, first.pid)

  process.kill(first.pid, 'SIGKILL')
  await Promise.all([first.ended, adopted.ended])
  const second = await startCluster(options)
  t.after(() => second.stop())
  assert.equal(second.adopted, false)
  {
    await using db = openDatabase(second)
    const kept = await sql<{ id: number }>`select id from kept`.execute(db)
    assert.deepEqual(kept.rows, [{ id: 9007199254740991 }])
  }
  await second.stop()
  await second.ended
  assert.ok(!(await readdir(options.dataDir)).includes('postmaster.pid'))
})

test('a cluster that cannot start says why', async (t) => {
  const options = await clusterOptions(t)
  await assert.rejects(
    startCluster({ ...options, settings: { shared_buffers: 'much' } }),
    /PostgreSQL did not start.*shared_buffers/,
  )
})
